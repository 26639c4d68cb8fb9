import { transactionId } from '../../../domain/chain/codec.ts'
import type { Admission } from './admission.ts'
import type { Chain } from './chain.ts'
import type { ChainChange } from './chain-change.ts'
import type { FeeHistory } from './fee-history.ts'
import type { Pool, PoolEntry } from './pool.ts'
import { takeOut } from './pool-limit.ts'
import type { PoolLog } from './pool-log.ts'

export type SyncParts = {
  readonly pool: Pool
  readonly log: PoolLog
  readonly admission: Admission
  readonly history: FeeHistory
  readonly chain: Chain
}

/**
 * Brings the mempool in line with a changed chain: what was confirmed leaves, what now conflicts falls with all that
 * depends on it, and what a reorganisation took out of the chain comes back if the rules still allow it.
 */
export const syncPool = (
  { pool, log, admission, history, chain }: SyncParts,
  { disconnected, connected }: ChainChange,
): void => {
  const drop = (entry: PoolEntry) => {
    for (const fallen of takeOut(pool, entry)) log.note(fallen.tx)
  }
  const forkHeight = chain.tip().height - connected.length
  for (const [i, { transactions }] of connected.entries())
    for (const tx of transactions) {
      const entry = pool.get(transactionId(tx))
      if (entry !== undefined) {
        history.confirmed(entry, forkHeight + 1 + i)
        pool.remove(entry)
        log.note(entry.tx)
      }
      for (const input of tx.inputs) {
        const rival = pool.spender(input)
        if (rival !== undefined) drop(rival)
      }
    }
  if (disconnected.length === 0) return
  for (const { transactions } of [...disconnected].reverse())
    for (const tx of transactions.slice(1)) {
      const verdict = admission.check(tx, { returning: true })
      if ('entry' in verdict) pool.add(verdict.entry)
      log.note(tx)
    }
  for (const entry of pool.all())
    if (pool.get(entry.txid) === entry && admission.recheck(entry) !== undefined) drop(entry)
}
