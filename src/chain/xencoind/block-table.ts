import type { DatabaseSync } from 'node:sqlite'
import type { Block, BlockHeader } from '../../../domain/chain/block.ts'
import { decodeBlock, decodeHeader, encodeBlock, encodeHeader } from '../../../domain/chain/codec.ts'
import type { KeyedCoin } from '../../../domain/chain/coin.ts'
import { blobHash, blobWork, hashBlob, workBlob } from './sqlite-value.ts'
import { decodeUndo, encodeUndo } from './undo.ts'

/** What the index knows of a block, whether or not it is in the active chain. */
export type BlockEntry = {
  /** The order in which blocks came; the older of two with equal work stays. */
  readonly seq: number
  readonly hash: string
  readonly height: number
  /** Of the whole chain up to here. */
  readonly work: bigint
  readonly sizeBytes: number
  readonly transactions: number
  readonly header: BlockHeader
}

export interface BlockTable {
  get(hash: string): BlockEntry | undefined
  bySeq(seq: number): BlockEntry
  /** Most work among those not known to be invalid. */
  best(): BlockEntry | undefined
  add(hash: string, height: number, work: bigint, block: Block): BlockEntry
  block(entry: BlockEntry): Block
  bytes(entry: BlockEntry): Uint8Array
  /** What the block spent; undefined when it was never connected. */
  undo(entry: BlockEntry): KeyedCoin[] | undefined
  putUndo(entry: BlockEntry, spent: readonly KeyedCoin[]): void
  /** Marks a block and all that builds on it. */
  markInvalid(hash: string): void
  /** Takes the mark from a block, from all that builds on it and from what it builds on. */
  clearInvalid(hash: string): void
  isInvalid(hash: string): boolean
  /** The blocks on which none builds: ends of branches. */
  leaves(): BlockEntry[]
  /** Empties the memory of entries: some may come from a transaction that was undone. */
  forget(): void
}

/** Entries never change, so they are kept; the cache is emptied when full. */
export const ENTRY_CACHE = 8192

export const blockTable = (db: DatabaseSync): BlockTable => {
  const columns = 'seq, hash, height, work, size, transactions, header'
  const byHash = db.prepare(`SELECT ${columns} FROM blocks WHERE hash = ?`)
  const bySeq = db.prepare(`SELECT ${columns} FROM blocks WHERE seq = ?`)
  const best = db.prepare(`SELECT ${columns} FROM blocks WHERE invalid = 0 ORDER BY work DESC, seq LIMIT 1`)
  const insert = db.prepare(
    'INSERT INTO blocks (hash, previous, height, work, size, transactions, header) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const insertData = db.prepare('INSERT INTO block_data (seq, bytes) VALUES (?, ?)')
  const data = db.prepare('SELECT bytes FROM block_data WHERE seq = ?')
  const undo = db.prepare('SELECT undo FROM block_data WHERE seq = ?')
  const putUndo = db.prepare('UPDATE block_data SET undo = ? WHERE seq = ?')
  const invalid = db.prepare('SELECT invalid FROM blocks WHERE hash = ?')
  const markInvalid = db.prepare(`
    WITH RECURSIVE doomed (hash) AS (
      SELECT ? UNION ALL SELECT blocks.hash FROM blocks JOIN doomed ON blocks.previous = doomed.hash)
    UPDATE blocks SET invalid = 1 WHERE hash IN (SELECT hash FROM doomed)`)
  const clearInvalid = db.prepare(`
    WITH RECURSIVE
      above (hash) AS (
        SELECT ?1 UNION ALL SELECT blocks.hash FROM blocks JOIN above ON blocks.previous = above.hash),
      below (hash) AS (
        SELECT ?1 UNION ALL SELECT blocks.previous FROM blocks JOIN below ON blocks.hash = below.hash WHERE blocks.invalid = 1)
    UPDATE blocks SET invalid = 0 WHERE invalid = 1 AND (hash IN (SELECT hash FROM above) OR hash IN (SELECT hash FROM below))`)
  const leaves = db.prepare(`SELECT ${columns} FROM blocks AS one
    WHERE NOT EXISTS (SELECT 1 FROM blocks AS child WHERE child.previous = one.hash)`)
  const cache = new Map<string, BlockEntry>()

  const remember = (row: Record<string, unknown> | undefined): BlockEntry | undefined => {
    if (row === undefined) return undefined
    const hash = blobHash(row['hash'])
    const known = cache.get(hash)
    if (known !== undefined) return known
    const entry: BlockEntry = {
      seq: Number(row['seq']),
      hash,
      height: Number(row['height']),
      work: blobWork(row['work']),
      sizeBytes: Number(row['size']),
      transactions: Number(row['transactions']),
      header: decodeHeader(row['header'] as Uint8Array),
    }
    if (cache.size >= ENTRY_CACHE) cache.clear()
    cache.set(hash, entry)
    return entry
  }
  const get = (hash: string) => cache.get(hash) ?? remember(byHash.get(hashBlob(hash)))
  const bytes = (entry: BlockEntry) => data.get(entry.seq)?.['bytes'] as Uint8Array

  return {
    get,
    bySeq: (seq) => {
      const entry = remember(bySeq.get(seq))
      if (entry === undefined) throw new Error(`block index has no entry ${seq}`)
      return entry
    },
    best: () => remember(best.get()),
    add: (hash, height, work, block) => {
      const raw = encodeBlock(block)
      const { header } = block
      const { lastInsertRowid } = insert.run(
        hashBlob(hash),
        hashBlob(header.previous),
        height,
        workBlob(work),
        raw.length,
        block.transactions.length,
        encodeHeader(header),
      )
      insertData.run(lastInsertRowid, raw)
      // Not cached: the surrounding transaction may still be undone.
      const seq = Number(lastInsertRowid)
      return { seq, hash, height, work, sizeBytes: raw.length, transactions: block.transactions.length, header }
    },
    block: (entry) => decodeBlock(bytes(entry)),
    bytes,
    undo: (entry) => {
      const found = undo.get(entry.seq)?.['undo'] as Uint8Array | null | undefined
      return found ? decodeUndo(found) : undefined
    },
    putUndo: (entry, spent) => {
      putUndo.run(encodeUndo(spent), entry.seq)
    },
    markInvalid: (hash) => {
      markInvalid.run(hashBlob(hash))
    },
    clearInvalid: (hash) => {
      clearInvalid.run(hashBlob(hash))
    },
    leaves: () => leaves.all().map((row) => remember(row)!),
    isInvalid: (hash) => invalid.get(hashBlob(hash))?.['invalid'] === 1,
    forget: () => cache.clear(),
  }
}
