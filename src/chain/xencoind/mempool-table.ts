import type { DatabaseSync } from 'node:sqlite'
import { hashBlob } from './sqlite-value.ts'

/** A full mempool read at once would take as much memory again as it will. */
const PAGE_ROWS = 500

export type MempoolRow = { readonly seq: number; readonly enteredAt: number; readonly bytes: Uint8Array }

/** The mempool's disk copy, so that a restart of this node keeps what nobody else would give back to it. */
export interface MempoolTable {
  /** In order of entry, a page at a time. Nothing may be written meanwhile. */
  pages(): Iterable<readonly MempoolRow[]>
  put(txid: string, row: MempoolRow): void
  drop(txid: string): void
}

export const mempoolTable = (db: DatabaseSync): MempoolTable => {
  // Several may have one `seq`: what came back from a block has the least.
  const page = db.prepare(`SELECT txid, seq, entered_at, bytes FROM mempool
    WHERE (seq, txid) > (?, ?) ORDER BY seq, txid LIMIT ${PAGE_ROWS}`)
  const put = db.prepare('INSERT OR REPLACE INTO mempool (txid, seq, entered_at, bytes) VALUES (?, ?, ?, ?)')
  const drop = db.prepare('DELETE FROM mempool WHERE txid = ?')
  return {
    pages: function* () {
      let rows = page.all(-1, '')
      while (rows.length > 0) {
        yield rows.map((row) => ({
          seq: Number(row['seq']),
          enteredAt: Number(row['entered_at']),
          bytes: row['bytes'] as Uint8Array,
        }))
        const last = rows.at(-1)!
        rows = page.all(last['seq']!, last['txid']!)
      }
    },
    put: (txid, { seq, enteredAt, bytes }) => {
      put.run(hashBlob(txid), seq, enteredAt, bytes)
    },
    drop: (txid) => {
      drop.run(hashBlob(txid))
    },
  }
}
