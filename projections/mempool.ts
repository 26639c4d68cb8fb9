import type { MempoolFact, WaitingTransaction } from '../domain/chain/mempool-facts.ts'
import { classOfRate, rateOf } from './fee-rate.ts'
import { sortKey } from './sort-key.ts'
import type { RowsOf, Table } from './table.ts'

/** A transaction that waits for a block. */
export type WaitingRow = WaitingTransaction & {
  readonly list: 'transaction'
  readonly id: string
  /** When this node saw it first, Unix ms. */
  readonly at: number
  readonly position: number
}
/** How much waits at the fee rates of one class: see `RATE_CLASSES`. Its id is `class:<number>`. */
export type WaitingClassRow = {
  readonly list: 'class'
  readonly id: string
  readonly class: number
  readonly transactions: number
  readonly virtualSize: number
  readonly feeSats: bigint
}
type Rows = RowsOf<WaitingRow | WaitingClassRow>

const ofTransaction =
  <T>(column: (row: WaitingRow) => T) =>
  (row: WaitingRow | WaitingClassRow): T | null =>
    row.list === 'transaction' ? column(row) : null

export const mempool = {
  name: 'mempool',
  version: 1,
  types: ['mempool.entered', 'mempool.kept', 'mempool.left'],
  columns: {
    list: (row: WaitingRow | WaitingClassRow) => row.list,
    at: ofTransaction(({ at }) => at),
    fee: ofTransaction(({ fee }) => (fee === undefined ? null : sortKey(fee))),
    feeRate: ofTransaction((row) => rateOf(row) ?? null),
    virtualSize: ofTransaction(({ virtualSize }) => virtualSize),
    outputSats: ofTransaction(({ outputSats }) => sortKey(outputSats)),
  },
  fold({ position, fact }, rows) {
    const id = fact.type === 'mempool.left' ? fact.txid : fact.transaction.txid
    const before = rows.get(id)
    if (before?.list === 'transaction') count(rows, before, -1)
    if (fact.type === 'mempool.left') return rows.delete(id)
    const row: WaitingRow = { list: 'transaction', id, ...fact.transaction, at: fact.at, position }
    rows.put(id, row)
    count(rows, row, 1)
  },
} satisfies Table<WaitingRow | WaitingClassRow, MempoolFact>

const count = (rows: Rows, row: WaitingRow, sign: 1 | -1): void => {
  const rate = rateOf(row)
  if (row.fee === undefined || rate === undefined) return
  const number = classOfRate(rate)
  const id = `class:${number}`
  const found = rows.get(id) as WaitingClassRow | undefined
  const transactions = (found?.transactions ?? 0) + sign
  if (transactions === 0) {
    rows.delete(id)
    return
  }
  rows.put(id, {
    list: 'class',
    id,
    class: number,
    transactions,
    virtualSize: (found?.virtualSize ?? 0) + sign * row.virtualSize,
    feeSats: (found?.feeSats ?? 0n) + BigInt(sign) * row.fee,
  })
}
