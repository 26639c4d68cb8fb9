import { z } from 'zod'
import { toHex } from '../../../domain/bytes.ts'
import { MAX_BLOCK_WEIGHT } from '../../../domain/chain/check-transaction.ts'
import { encodeTransaction } from '../../../domain/chain/codec.ts'
import { MAX_BLOCK_SIGOPS_COST } from '../../../domain/chain/sigops.ts'
import { buildTemplate } from '../xencoind/template.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { tipOf } from './block-methods.ts'
import { hex32, targetHex } from './header-form.ts'

/** A long poll is answered by then, changed or not. */
export const LONG_POLL_MS = 60_000

export const templateRequest = z.object({
  mode: z.string().default('template'),
  capabilities: z.array(z.string().max(100)).max(100).optional(),
  rules: z.array(z.string().max(100)).max(100).optional(),
  longpollid: z.string().max(200).optional(),
  data: z.string().max(8_000_000).optional(),
})

/** Changes when the tip does, and when something enters the mempool. */
const pollId = (node: Xencoind): string => `${tipOf(node).hash}${node.inside.pool.lastSeq}`

/** Waits until there is something newer than what the caller has. */
export const longPoll = async (node: Xencoind, known: string, signal: AbortSignal): Promise<void> => {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(LONG_POLL_MS)])
  while (pollId(node) === known && !ended.aborted) await node.inside.change.wait(ended)
}

/** BIP 22, 23 and 145, as Core answers. */
export const templateForm = (node: Xencoind) => {
  const template = buildTemplate(node.inside)
  const { challenge } = node.network
  const places = new Map(template.chosen.map(({ txid }, i) => [txid, i + 1]))
  return {
    capabilities: ['proposal'],
    version: template.version,
    rules: ['csv', '!segwit', 'taproot', ...(challenge === undefined ? [] : ['!signet'])],
    vbavailable: {},
    vbrequired: 0,
    previousblockhash: template.previous,
    transactions: template.chosen.map(({ tx, txid, wtxid, fee, sigops, weight }) => ({
      data: toHex(encodeTransaction(tx)),
      txid,
      hash: wtxid,
      depends: [...new Set(tx.inputs.flatMap((input) => places.get(input.txid) ?? []))],
      fee: Number(fee),
      sigops,
      weight,
    })),
    coinbaseaux: {},
    coinbasevalue: Number(template.value),
    longpollid: pollId(node),
    target: targetHex(template.bits),
    mintime: template.leastTime,
    mutable: ['time', 'transactions', 'prevblock'],
    noncerange: '00000000ffffffff',
    sigoplimit: MAX_BLOCK_SIGOPS_COST,
    sizelimit: MAX_BLOCK_WEIGHT,
    weightlimit: MAX_BLOCK_WEIGHT,
    curtime: template.time,
    bits: hex32(template.bits),
    height: template.height,
    ...(challenge === undefined ? {} : { signet_challenge: challenge }),
    default_witness_commitment: toHex(template.witnessCommitment),
  }
}
