import type { ChainFact } from '../domain/chain/facts.ts'
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
  /** When this node connected it, Unix ms. */
  readonly at: number
  readonly position: number
}

export const blocks = {
  name: 'blocks',
  version: 2,
  types: ['chain.connected', 'chain.disconnected'],
  columns: { height: (row) => row.height, time: (row) => row.time, transactions: (row) => row.transactions },
  fold({ position, fact }, rows) {
    switch (fact.type) {
      case 'chain.connected': {
        const { hash: id, height, previous, time, transactions, at } = fact
        rows.put(id, {
          id,
          height,
          previous,
          time,
          transactions: transactions.length,
          outputSats: transactions.reduce((sum, { outputSats }) => sum + outputSats, 0n),
          virtualSize: transactions.reduce((sum, { virtualSize }) => sum + virtualSize, 0),
          at,
          position,
        })
        break
      }
      case 'chain.disconnected':
        rows.delete(fact.hash)
    }
  },
} satisfies Table<BlockRow, ChainFact>
