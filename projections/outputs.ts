import type { ChainIndexFact, IndexedTransaction } from '../domain/chain/index-facts.ts'
import { placeKey } from './place-key.ts'
import { sortKey } from './sort-key.ts'
import type { RowsOf, Table } from './table.ts'

/** An output of a transaction in a block, spent or not. */
export type OutputRow = {
  /** `txid:vout` */
  readonly id: string
  readonly txid: string
  readonly vout: number
  readonly sats: bigint
  /** Empty for a script that has none. */
  readonly address: string
  readonly height: number
  /** Of its transaction in the block. */
  readonly index: number
  readonly coinbase: boolean
  readonly spentBy?: { readonly txid: string; readonly height: number }
  readonly position: number
}

/** Begins with the address, so that what it has unspent is one stretch of an index, in order. */
const unspentBy = (row: OutputRow, key: string): string | null =>
  row.address === '' || row.spentBy !== undefined ? null : `${row.address} ${key}`

export const outputs = {
  name: 'outputs',
  version: 1,
  types: ['index.connected', 'index.disconnected'],
  columns: {
    unspentPlace: (row) => unspentBy(row, placeKey(row.height, row.index, row.vout)),
    unspentSats: (row) => unspentBy(row, String(sortKey(row.sats)).padStart(16, '0')),
  },
  fold({ position, fact }, rows) {
    if (fact.type === 'index.connected') for (const tx of fact.transactions) connect(rows, tx, fact.height, position)
    else for (const tx of [...fact.transactions].reverse()) disconnect(rows, tx, position)
  },
} satisfies Table<OutputRow, ChainIndexFact>

const connect = (rows: RowsOf<OutputRow>, tx: IndexedTransaction, height: number, position: number): void => {
  const { txid, index, coinbase, first, made, spent } = tx
  for (const [i, [sats, address]] of made.entries()) {
    const vout = first + i
    const id = `${txid}:${vout}`
    rows.put(id, { id, txid, vout, sats, address, height, index, coinbase, position })
  }
  for (const [point] of spent) {
    const row = rows.get(point)
    if (row) rows.put(point, { ...row, spentBy: { txid, height }, position })
  }
}

const disconnect = (rows: RowsOf<OutputRow>, { txid, first, made, spent }: IndexedTransaction, position: number) => {
  for (const [point] of spent) {
    const row = rows.get(point)
    if (row === undefined) continue
    const { spentBy: _, ...unspent } = row
    rows.put(point, { ...unspent, position })
  }
  for (const i of made.keys()) rows.delete(`${txid}:${first + i}`)
}
