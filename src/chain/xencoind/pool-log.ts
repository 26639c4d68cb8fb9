import { encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { Pool } from './pool.ts'
import type { Store } from './store.ts'

/** Writes the mempool's changes to disk, all of one turn of the event loop together: one sync for many transactions. */
export interface PoolLog {
  /** The transaction entered or left: what the pool holds when it is written decides which. */
  note(tx: Transaction): void
  /** Resolves when everything noted so far is on disk. */
  flushed(): Promise<void>
  flush(): void
}

export const newPoolLog = (store: Store, pool: Pool): PoolLog => {
  const pending = new Set<string>()
  let scheduled: Promise<void> | undefined

  const flush = () => {
    if (pending.size === 0) return
    store.transact(() => {
      for (const txid of pending) {
        const entry = pool.get(txid)
        if (entry === undefined) store.mempool.drop(txid)
        else store.mempool.put(txid, { ...entry, bytes: encodeTransaction(entry.tx) })
      }
    })
    pending.clear()
  }
  const schedule = () => {
    scheduled ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        scheduled = undefined
        try {
          resolve(flush())
        } catch (error) {
          reject(error as Error)
        }
      })
    })
    return scheduled
  }
  return {
    note: (tx) => {
      pending.add(transactionId(tx))
    },
    flushed: async () => {
      if (pending.size > 0) await schedule()
    },
    flush,
  }
}
