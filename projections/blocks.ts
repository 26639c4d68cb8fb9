import type { ChainFact, TransactionSummary } from '../domain/chain/facts.ts'
import { sortKey } from './sort-key.ts'
import type { Table } from './table.ts'

/** A block of the active chain; a reorganisation takes its row away. */
export type BlockRow = {
  /** Its hash, display order. */
  readonly id: string
  readonly height: number
  readonly previous: string
  /** Unix seconds, as its miner said. */
  readonly time: number
  readonly transactions: number
  readonly outputSats: bigint
  readonly virtualSize: number
  /** These four are absent of blocks from before they were kept; the fees also where the engine did not know them. */
  readonly sizeBytes?: number
  readonly weight?: number
  readonly subsidySats?: bigint
  readonly feeSats?: bigint
  /** When this node connected it, Unix ms. */
  readonly at: number
  readonly position: number
}

export const blocks = {
  name: 'blocks',
  version: 3,
  types: ['chain.connected', 'chain.included', 'chain.disconnected'],
  columns: {
    height: (row) => row.height,
    time: (row) => row.time,
    transactions: (row) => row.transactions,
    weight: (row) => row.weight ?? null,
    feeSats: (row) => (row.feeSats === undefined ? null : sortKey(row.feeSats)),
  },
  fold({ position, fact }, rows) {
    switch (fact.type) {
      case 'chain.connected': {
        const { hash: id, height, previous, time, transactions, totals, at } = fact
        rows.put(id, {
          id,
          height,
          previous,
          time,
          ...sumOf(transactions),
          transactions: totals?.transactions ?? transactions.length,
          ...(totals && { sizeBytes: totals.sizeBytes, weight: totals.weight, subsidySats: totals.subsidySats }),
          ...(totals?.feeSats === undefined ? {} : { feeSats: totals.feeSats }),
          at,
          position,
        })
        break
      }
      case 'chain.included': {
        const row = rows.get(fact.hash)
        const { outputSats, virtualSize } = sumOf(fact.transactions)
        if (row)
          rows.put(fact.hash, {
            ...row,
            outputSats: row.outputSats + outputSats,
            virtualSize: row.virtualSize + virtualSize,
            position,
          })
        break
      }
      case 'chain.disconnected':
        rows.delete(fact.hash)
    }
  },
} satisfies Table<BlockRow, Exclude<ChainFact, { type: 'chain.reorganised' }>>

const sumOf = (transactions: readonly TransactionSummary[]) => ({
  outputSats: transactions.reduce((sum, { outputSats }) => sum + outputSats, 0n),
  virtualSize: transactions.reduce((sum, { virtualSize }) => sum + virtualSize, 0),
})
