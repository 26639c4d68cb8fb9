import type { Block } from '../../../domain/chain/block.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { checkProofOfWork } from '../../../domain/chain/pow.ts'
import { subsidyAt } from '../../../domain/chain/subsidy.ts'
import { assembleBlock } from '../../../domain/chain/template.ts'
import type { Clock } from '../../clock/port.ts'
import type { Chain } from './chain.ts'
import type { Pool } from './pool.ts'
import { selectForBlock } from './select.ts'

type TemplateParts = { readonly network: Network; readonly clock: Clock; readonly chain: Chain; readonly pool: Pool }

const MAX_NONCE = 0xffffffff

/** A whole block on top of the tip, from the mempool, with its work done: for targets that a few hashes meet. */
export const buildBlock = ({ network, clock, chain, pool }: TemplateParts, script: Uint8Array): Block => {
  const tip = chain.tip()
  const height = tip.height + 1
  const chosen = selectForBlock(pool)
  const nowUs = clock.steadyUs()
  const block = assembleBlock({
    bits: chain.nextBits(tip),
    previous: tip.hash,
    height,
    time: Math.max(chain.medianTime(tip) + 1, Math.floor(clock.now() / 1000)),
    transactions: chosen.map(({ tx }) => tx),
    script,
    value: chosen.reduce((sum, { fee }) => sum + fee, subsidyAt(network, height)),
    // A block that was taken out of the chain is not made again, byte for byte, in the same second.
    extraNonce: BigInt(Math.floor(nowUs)),
  })
  for (let nonce = 0; nonce <= MAX_NONCE; nonce++) {
    const header = { ...block.header, nonce }
    if (checkProofOfWork(header, network)) return { ...block, header }
  }
  throw new Error('no nonce meets the target')
}
