import type { ChainFact, TransactionSummary } from '../domain/chain/facts.ts'
import { classOfRate, rateOf } from './fee-rate.ts'
import type { Table } from './table.ts'

/** Blocks of one row: the history of fees is told by so many. */
export const BLOCKS_PER_ROW = 10

/** What the transactions of a class of fee rates came to: see `RATE_CLASSES`. */
export type PaidClass = {
  readonly class: number
  readonly transactions: number
  readonly virtualSize: number
}
/** One block, so that a reorganisation can take it out again; coinbases and unknown fees are not counted. */
export type PaidBlock = {
  readonly hash: string
  readonly height: number
  readonly time: number
  readonly feeSats: bigint
  readonly classes: readonly PaidClass[]
}
/** Fee rates that were paid in `BLOCKS_PER_ROW` blocks, from the one at height `from`. */
export type BlockFeesRow = {
  readonly id: string
  readonly from: number
  /** By height. */
  readonly blocks: readonly PaidBlock[]
  readonly position: number
}

export const blockFees = {
  name: 'block_fees',
  version: 1,
  types: ['chain.connected', 'chain.included', 'chain.disconnected'],
  columns: { from: (row) => row.from },
  fold({ position, fact }, rows) {
    const from = fact.height - (fact.height % BLOCKS_PER_ROW)
    const id = String(from)
    const others = (rows.get(id)?.blocks ?? []).filter(({ hash }) => hash !== fact.hash)
    if (fact.type === 'chain.disconnected') {
      if (others.length === 0) rows.delete(id)
      else rows.put(id, { id, from, blocks: others, position })
      return
    }
    const { hash, height, time, transactions } = fact
    const before = rows.get(id)?.blocks.find((block) => block.hash === hash)
    const block: PaidBlock = before ?? { hash, height, time, feeSats: 0n, classes: [] }
    rows.put(id, { id, from, blocks: [...others, transactions.reduce(withPaid, block)], position })
  },
} satisfies Table<BlockFeesRow, Exclude<ChainFact, { type: 'chain.reorganised' }>>

const withPaid = (block: PaidBlock, summary: TransactionSummary): PaidBlock => {
  const rate = rateOf(summary)
  if (summary.fee === undefined || rate === undefined) return block
  const number = classOfRate(rate)
  const found = block.classes.find((it) => it.class === number)
  const more = {
    class: number,
    transactions: (found?.transactions ?? 0) + 1,
    virtualSize: (found?.virtualSize ?? 0) + summary.virtualSize,
  }
  const classes = [...block.classes.filter((it) => it !== found), more].sort((a, b) => a.class - b.class)
  return { ...block, feeSats: block.feeSats + summary.fee, classes }
}
