import type { ChainIndexFact } from '../domain/chain/index-facts.ts'
import { movesOf } from './addresses.ts'
import { placeKey } from './place-key.ts'
import type { Table } from './table.ts'

/** A transaction as an address sees it. */
export type AddressTransactionRow = {
  /** `address txid` */
  readonly id: string
  readonly address: string
  readonly txid: string
  readonly height: number
  /** Its place in the block. */
  readonly index: number
  /** Block time, Unix seconds. */
  readonly time: number
  readonly receivedSats: bigint
  readonly sentSats: bigint
  readonly position: number
}

export const addressTransactions = {
  name: 'address_transactions',
  version: 1,
  types: ['index.connected', 'index.disconnected'],
  // Begins with the address, so that its transactions are one stretch of the index, in order.
  columns: { place: (row) => `${row.address} ${placeKey(row.height, row.index)}` },
  fold({ position, fact }, rows) {
    const { height, time } = fact
    const connects = fact.type === 'index.connected'
    for (const tx of fact.transactions) {
      const { txid, index } = tx
      for (const [address, { receivedSats, sentSats }] of movesOf(tx)) {
        const id = `${address} ${txid}`
        const before = rows.get(id)
        if (!connects && !tx.again.includes(address)) {
          rows.delete(id)
          continue
        }
        const sign = connects ? 1n : -1n
        rows.put(id, {
          id,
          address,
          txid,
          height,
          index,
          time,
          receivedSats: (before?.receivedSats ?? 0n) + sign * receivedSats,
          sentSats: (before?.sentSats ?? 0n) + sign * sentSats,
          position,
        })
      }
    }
  },
} satisfies Table<AddressTransactionRow, ChainIndexFact>
