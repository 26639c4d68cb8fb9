import { totalSize, transactionId, witnessId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import type { Clock } from '../../clock/port.ts'
import type { P2pLimits } from './limits.ts'

export type Orphan = { readonly tx: Transaction; readonly wtxid: string; readonly from: number }
type Kept = Orphan & { readonly sizeBytes: number; readonly untilUs: number }

/** Transactions whose parents are not here yet. Few, small, and not for long. */
export interface Orphans {
  has(wtxid: string): boolean
  /** @returns whether there was room */
  add(tx: Transaction, from: number): boolean
  /** Those that spend an output of this transaction, taken out. */
  childrenOf(txid: string): Orphan[]
  /** All, taken out. */
  takeAll(): Orphan[]
  expire(): void
  left(peer: number): void
}

export const newOrphans = ({ clock, limits }: { readonly clock: Clock; readonly limits: P2pLimits }): Orphans => {
  const kept = new Map<string, Kept>()
  let bytes = 0
  const drop = (one: Kept): void => {
    if (kept.delete(one.wtxid)) bytes -= one.sizeBytes
  }
  return {
    has: (wtxid) => kept.has(wtxid),
    add: (tx, from) => {
      const sizeBytes = totalSize(tx)
      const wtxid = witnessId(tx)
      const own = [...kept.values()].filter((one) => one.from === from).length
      if (kept.has(wtxid) || own >= limits.orphansPerPeer || sizeBytes > limits.orphanBytes) return false
      kept.set(wtxid, { tx, wtxid, from, sizeBytes, untilUs: clock.steadyUs() + limits.orphanMs * 1000 })
      bytes += sizeBytes
      // The oldest leaves first.
      for (const one of kept.values()) {
        if (kept.size <= limits.orphans && bytes <= limits.orphanBytes) break
        drop(one)
      }
      return kept.has(wtxid)
    },
    childrenOf: (txid) => {
      const found = [...kept.values()].filter(({ tx }) => tx.inputs.some((input) => input.txid === txid))
      for (const one of found) drop(one)
      return found.filter(({ tx }) => transactionId(tx) !== txid)
    },
    takeAll: () => {
      const all = [...kept.values()]
      for (const one of all) drop(one)
      return all
    },
    expire: () => {
      const nowUs = clock.steadyUs()
      for (const one of kept.values()) if (one.untilUs <= nowUs) drop(one)
    },
    left: (peer) => {
      for (const one of kept.values()) if (one.from === peer) drop(one)
    },
  }
}
