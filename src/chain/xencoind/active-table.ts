import type { DatabaseSync } from 'node:sqlite'
import type { BlockEntry, BlockTable } from './block-table.ts'
import { hashBlob } from './sqlite-value.ts'

/** The active chain: a block per height, and the height of each of its transactions. */
export interface ActiveTable {
  tip(): BlockEntry | undefined
  at(height: number): BlockEntry | undefined
  has(entry: BlockEntry): boolean
  /** The height of the block that holds the transaction. */
  heightOf(txid: string): number | undefined
  push(entry: BlockEntry, txids: readonly string[]): void
  pop(entry: BlockEntry, txids: readonly string[]): void
}

export const activeTable = (db: DatabaseSync, blocks: BlockTable): ActiveTable => {
  const tip = db.prepare('SELECT seq FROM active ORDER BY height DESC LIMIT 1')
  const at = db.prepare('SELECT seq FROM active WHERE height = ?')
  const push = db.prepare('INSERT INTO active (height, seq) VALUES (?, ?)')
  const pop = db.prepare('DELETE FROM active WHERE height = ?')
  const heightOf = db.prepare('SELECT height FROM transactions WHERE txid = ?')
  const addTx = db.prepare('INSERT OR REPLACE INTO transactions (txid, height) VALUES (?, ?)')
  const dropTx = db.prepare('DELETE FROM transactions WHERE txid = ?')
  const entry = (row: Record<string, unknown> | undefined) =>
    row === undefined ? undefined : blocks.bySeq(Number(row['seq']))
  return {
    tip: () => entry(tip.get()),
    at: (height) => entry(at.get(height)),
    has: ({ height, seq }) => at.get(height)?.['seq'] === seq,
    heightOf: (txid) => heightOf.get(hashBlob(txid))?.['height'] as number | undefined,
    push: ({ height, seq }, txids) => {
      push.run(height, seq)
      for (const txid of txids) addTx.run(hashBlob(txid), height)
    },
    pop: ({ height }, txids) => {
      pop.run(height)
      for (const txid of txids) dropTx.run(hashBlob(txid))
    },
  }
}
