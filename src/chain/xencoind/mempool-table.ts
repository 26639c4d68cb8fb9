import type { DatabaseSync } from 'node:sqlite'
import { hashBlob } from './sqlite-value.ts'

export type MempoolRow = { readonly seq: number; readonly enteredAt: number; readonly bytes: Uint8Array }

/** The mempool's disk copy, so that a restart of this node keeps what nobody else would give back to it. */
export interface MempoolTable {
  all(): MempoolRow[]
  put(txid: string, row: MempoolRow): void
  drop(txid: string): void
}

export const mempoolTable = (db: DatabaseSync): MempoolTable => {
  const all = db.prepare('SELECT seq, entered_at, bytes FROM mempool ORDER BY seq')
  const put = db.prepare('INSERT OR REPLACE INTO mempool (txid, seq, entered_at, bytes) VALUES (?, ?, ?, ?)')
  const drop = db.prepare('DELETE FROM mempool WHERE txid = ?')
  return {
    all: () =>
      all.all().map((row) => ({
        seq: Number(row['seq']),
        enteredAt: Number(row['entered_at']),
        bytes: row['bytes'] as Uint8Array,
      })),
    put: (txid, { seq, enteredAt, bytes }) => {
      put.run(hashBlob(txid), seq, enteredAt, bytes)
    },
    drop: (txid) => {
      drop.run(hashBlob(txid))
    },
  }
}
