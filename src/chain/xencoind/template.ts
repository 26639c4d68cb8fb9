import { fromHex } from '../../../domain/bytes.ts'
import type { Block } from '../../../domain/chain/block.ts'
import { type BlockSolution, type BlockToSign, signBlock } from '../../../domain/chain/block-signature.ts'
import { findNonce } from '../../../domain/chain/find-nonce.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { subsidyAt } from '../../../domain/chain/subsidy.ts'
import { assembleBlock, BLOCK_VERSION, templateCommitment } from '../../../domain/chain/template.ts'
import { Fault } from '../../../domain/fault.ts'
import type { Clock } from '../../clock/port.ts'
import type { Chain } from './chain.ts'
import type { Pool, PoolEntry } from './pool.ts'
import { selectForBlock } from './select.ts'

/** Satisfies the challenge of a network whose blocks are signed. */
export type SolveBlock = (toSign: BlockToSign) => BlockSolution

export type TemplateParts = {
  readonly network: Network
  readonly clock: Clock
  readonly chain: Chain
  readonly pool: Pool
  readonly solve?: SolveBlock
}

/** What the next block on the tip can be made of. */
export type Template = {
  readonly version: number
  readonly previous: string
  readonly height: number
  /** Compact target. */
  readonly bits: number
  /** Unix seconds; it may be anything from `leastTime` on. */
  readonly time: number
  readonly leastTime: number
  /** In an order that a block may have. */
  readonly chosen: readonly PoolEntry[]
  /** Subsidy and fees, in sats. */
  readonly value: bigint
  /** Script of the coinbase output that commits to the witnesses of `chosen`. */
  readonly witnessCommitment: Uint8Array
}

export const buildTemplate = ({ network, clock, chain, pool }: Omit<TemplateParts, 'solve'>): Template => {
  const tip = chain.tip()
  const height = tip.height + 1
  const chosen = selectForBlock(pool)
  const transactions = chosen.map(({ tx }) => tx)
  const leastTime = chain.medianTime(tip) + 1
  return {
    version: BLOCK_VERSION,
    previous: tip.hash,
    height,
    bits: chain.nextBits(tip),
    time: Math.max(leastTime, Math.floor(clock.now() / 1000)),
    leastTime,
    chosen,
    value: chosen.reduce((sum, { fee }) => sum + fee, subsidyAt(network, height)),
    witnessCommitment: templateCommitment(transactions),
  }
}

/**
 * A whole block on top of the tip, from the mempool, signed where the network wants it; its work is still to be done.
 *
 * @throws Fault `chain.cannot-mine` on a network with signed blocks when nothing is here to sign with
 */
export const nextBlock = (parts: TemplateParts, script: Uint8Array): Block => {
  const { network, clock, solve } = parts
  const { bits, previous, height, time, chosen, value } = buildTemplate(parts)
  const transactions = chosen.map(({ tx }) => tx)
  // A block that was taken out of the chain is not made again, byte for byte, in the same second.
  const extraNonce = BigInt(Math.floor(clock.steadyUs()))
  const block = assembleBlock({ bits, previous, height, time, transactions, script, value, extraNonce })
  if (network.challenge === undefined) return block
  if (solve === undefined) throw new Fault('chain.cannot-mine', `blocks of ${network.name} must be signed`, CANNOT_SIGN)
  return signBlock(block, fromHex(network.challenge), solve)
}

const CANNOT_SIGN = {
  culprit: 'you',
  next: 'Start xencoind with --signing-key, or let another node make the blocks.',
} as const

/** The same with its work done: for targets that a few hashes meet. */
export const buildBlock = (parts: TemplateParts, script: Uint8Array): Block => {
  const block = nextBlock(parts, script)
  const header = findNonce(block.header, 0x1_0000_0000)
  if (header === undefined) throw new Error('no nonce meets the target')
  return { ...block, header }
}
