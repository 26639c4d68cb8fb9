import type { Block } from '../../../domain/chain/block.ts'
import { isCoinbase } from '../../../domain/chain/check-transaction.ts'
import { transactionId } from '../../../domain/chain/codec.ts'
import { outPointKey, type Transaction, type TxOutput } from '../../../domain/chain/transaction.ts'
import type { ScriptJob, ScriptThreads } from '../../curve/port.ts'
import type { Pool } from './pool.ts'
import type { ScriptCache } from './script-cache.ts'
import type { Store } from './store.ts'

/** Inputs below which telling a thread costs more than it saves. */
export const LEAST_INPUTS_FOR_THREADS = 64

type ProvingParts = {
  readonly store: Store
  readonly pool: Pool
  readonly scripts: ScriptCache
  readonly threads: ScriptThreads
}

/**
 * Checks on all cores those scripts of a block that the mempool has not seen, and remembers the good ones: connecting, which is one
 * thread in one disk transaction, then finds them known. It decides nothing: what is bad or cannot be found is left for connecting
 * to judge.
 *
 * @param block its header is known to be good, so that this work has been paid for
 */
export const proveScripts = async ({ store, pool, scripts, threads }: ProvingParts, block: Block): Promise<void> => {
  const unknown = block.transactions.filter((tx) => !isCoinbase(tx) && !scripts.has(tx))
  if (unknown.reduce((sum, tx) => sum + tx.inputs.length, 0) < LEAST_INPUTS_FOR_THREADS) return
  const inside = new Map(block.transactions.map((tx) => [transactionId(tx), tx]))
  const spentBy = (tx: Transaction): TxOutput[] =>
    tx.inputs.flatMap((point) => {
      const output =
        inside.get(point.txid)?.outputs[point.vout] ?? pool.output(point) ?? store.coins.get(outPointKey(point))
      return output === undefined ? [] : [{ value: output.value, script: output.script }]
    })
  const found: readonly ScriptJob[] = unknown
    .map((tx) => ({ tx, spent: spentBy(tx) }))
    .filter(({ tx, spent }) => spent.length === tx.inputs.length)
  const errors = await threads.check(found).catch(() => undefined)
  // Threads that ended have found out nothing: connecting checks all.
  if (errors === undefined) return
  for (const [i, { tx }] of found.entries()) if (errors[i] === undefined) scripts.add(tx)
}
