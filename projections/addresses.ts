import type { ChainIndexFact, IndexedTransaction } from '../domain/chain/index-facts.ts'
import { sortKey } from './sort-key.ts'
import type { Table } from './table.ts'

/** What the blocks of the active chain say of an address. */
export type AddressRow = {
  /** The address. */
  readonly id: string
  readonly receivedSats: bigint
  readonly sentSats: bigint
  /** That pay it or spend from it. */
  readonly transactions: number
  readonly unspent: number
  readonly position: number
}

/** What one transaction, or a piece of one, does to an address. */
export type Moved = {
  readonly receivedSats: bigint
  readonly sentSats: bigint
  readonly made: number
  readonly spent: number
}

/** By address; what has no address is left out. */
export const movesOf = ({ made, spent }: IndexedTransaction): ReadonlyMap<string, Moved> => {
  const moves = new Map<string, Moved>()
  const at = (address: string): Moved => moves.get(address) ?? { receivedSats: 0n, sentSats: 0n, made: 0, spent: 0 }
  for (const [sats, address] of made) {
    const move = at(address)
    moves.set(address, { ...move, receivedSats: move.receivedSats + sats, made: move.made + 1 })
  }
  for (const [, sats, address] of spent) {
    const move = at(address)
    moves.set(address, { ...move, sentSats: move.sentSats + sats, spent: move.spent + 1 })
  }
  moves.delete('')
  return moves
}

export const addresses = {
  name: 'addresses',
  version: 1,
  types: ['index.connected', 'index.disconnected'],
  columns: {
    balanceSats: (row) => sortKey(row.receivedSats - row.sentSats),
    receivedSats: (row) => sortKey(row.receivedSats),
    transactions: (row) => row.transactions,
  },
  fold({ position, fact }, rows) {
    const sign = fact.type === 'index.connected' ? 1 : -1
    for (const tx of fact.transactions) {
      const again = new Set(tx.again)
      for (const [id, move] of movesOf(tx)) {
        const row = rows.get(id) ?? { id, receivedSats: 0n, sentSats: 0n, transactions: 0, unspent: 0, position }
        const transactions = row.transactions + (again.has(id) ? 0 : sign)
        if (transactions === 0) rows.delete(id)
        else
          rows.put(id, {
            id,
            receivedSats: row.receivedSats + BigInt(sign) * move.receivedSats,
            sentSats: row.sentSats + BigInt(sign) * move.sentSats,
            transactions,
            unspent: row.unspent + sign * (move.made - move.spent),
            position,
          })
      }
    }
  },
} satisfies Table<AddressRow, ChainIndexFact>
