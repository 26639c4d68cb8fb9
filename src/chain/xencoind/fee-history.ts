import { feeRateOf } from './policy.ts'
import type { PoolEntry } from './pool.ts'

/** Confirmed transactions that are remembered, newest kept. */
export const REMEMBERED_CONFIRMATIONS = 5000

/** What a transaction paid, in sats per virtual byte, and how many blocks it waited: 1 is the next. */
export type Confirmation = { readonly rate: number; readonly waited: number }

/** What the transactions of this mempool paid, and how long they waited. Begins empty at each start: what is not known is not told. */
export interface FeeHistory {
  confirmed(entry: PoolEntry, height: number): void
  all(): readonly Confirmation[]
}

export const newFeeHistory = (): FeeHistory => {
  let seen: Confirmation[] = []
  return {
    confirmed: (entry, height) => {
      seen.push({ rate: feeRateOf(entry), waited: Math.max(1, height - entry.height) })
      // Halved, not shifted one by one.
      if (seen.length >= 2 * REMEMBERED_CONFIRMATIONS) seen = seen.slice(-REMEMBERED_CONFIRMATIONS)
    },
    all: () => seen.slice(-REMEMBERED_CONFIRMATIONS),
  }
}
