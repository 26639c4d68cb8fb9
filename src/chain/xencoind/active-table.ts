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
  /** Empties the memory of the tip: it may come from a transaction that was undone. */
  forget(): void
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
  let lastTip: BlockEntry | undefined
  return {
    tip: () => {
      // Asked many times for each transaction that comes.
      lastTip ??= entry(tip.get())
      return lastTip
    },
    at: (height) => entry(at.get(height)),
    has: ({ height, seq }) => at.get(height)?.['seq'] === seq,
    heightOf: (txid) => heightOf.get(hashBlob(txid))?.['height'] as number | undefined,
    push: ({ height, seq }, txids) => {
      lastTip = undefined
      push.run(height, seq)
      for (const txid of txids) addTx.run(hashBlob(txid), height)
    },
    pop: ({ height }, txids) => {
      lastTip = undefined
      pop.run(height)
      for (const txid of txids) dropTx.run(hashBlob(txid))
    },
    forget: () => {
      lastTip = undefined
    },
  }
}
