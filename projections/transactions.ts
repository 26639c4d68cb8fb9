import type { ChainFact, TransactionSummary } from '../domain/chain/facts.ts'
import { rateOf } from './fee-rate.ts'
import { sortKey } from './sort-key.ts'
import type { Table } from './table.ts'

/** A transaction in a block of the active chain. */
export type TransactionRow = TransactionSummary & {
  /** Its place: `<block hash>:<index>`, so that a reorganisation finds all of a block's rows without a list of them. */
  readonly id: string
  readonly block: string
  readonly height: number
  readonly index: number
  /** Block time, Unix seconds. */
  readonly time: number
  readonly position: number
}

/** More than any block can hold: height and index together sort as one number. */
const MAX_BLOCK_TRANSACTIONS = 2 ** 20

export const transactions = {
  name: 'transactions',
  version: 3,
  types: ['chain.connected', 'chain.included', 'chain.disconnected'],
  columns: {
    place: (row) => row.height * MAX_BLOCK_TRANSACTIONS + row.index,
    txid: (row) => row.txid,
    height: (row) => row.height,
    time: (row) => row.time,
    virtualSize: (row) => row.virtualSize,
    outputSats: (row) => sortKey(row.outputSats),
    fee: (row) => (row.fee === undefined ? null : sortKey(row.fee)),
    feeRate: (row) => rateOf(row) ?? null,
    coinbase: (row) => row.coinbase,
  },
  fold({ position, fact }, rows) {
    switch (fact.type) {
      case 'chain.connected':
      case 'chain.included': {
        const { hash: block, height, time } = fact
        const first = fact.type === 'chain.included' ? fact.first : 0
        for (const [i, summary] of fact.transactions.entries()) {
          const index = first + i
          const id = `${block}:${index}`
          rows.put(id, { ...summary, id, block, height, index, time, position })
        }
        break
      }
      case 'chain.disconnected':
        for (let index = 0; rows.get(`${fact.hash}:${index}`) !== undefined; index++)
          rows.delete(`${fact.hash}:${index}`)
    }
  },
} satisfies Table<TransactionRow, Exclude<ChainFact, { type: 'chain.reorganised' }>>
