import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Network } from '../../../domain/chain/network.ts'
import { Fault } from '../../../domain/fault.ts'
import { type ActiveTable, activeTable } from './active-table.ts'
import { type BlockTable, blockTable } from './block-table.ts'
import { type CoinTable, coinTable } from './coin-table.ts'
import { type MempoolTable, mempoolTable } from './mempool-table.ts'
import { SCHEMA, STORE_VERSION } from './schema.ts'

/** The node's disk state, one file. Synchronous: a call's effects are on disk when `transact` returns. */
export interface Store {
  readonly blocks: BlockTable
  readonly active: ActiveTable
  readonly coins: CoinTable
  readonly mempool: MempoolTable
  /** Runs `body` as one durable unit; a throw undoes all of it. Not nestable. */
  transact<T>(body: () => T): T
  /** What the store's file takes on the disk. */
  sizeBytes(): number
  close(): void
}

export const STORE_FILE = 'chain.sqlite'
/** SQLite's page cache for coins and indexes. */
export const STORE_CACHE_KIB = 64 * 1024

/**
 * Opens or begins the store in `dataDir`. The write-ahead log with `synchronous=FULL` makes every commit survive a killed
 * process and a lost machine; `locking_mode=EXCLUSIVE` keeps a second process out, and the system drops that lock with
 * the process, however it ends.
 *
 * @throws Fault `chain.locked` when another process has the directory, `chain.wrong-store` when it belongs to another
 * network or version
 */
export const openStore = (dataDir: string, network: Network): Store => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const db = openExclusive(join(dataDir, STORE_FILE))
  try {
    checkIdentity(db, network)
  } catch (error) {
    db.close()
    throw error
  }
  const blocks = blockTable(db)
  const active = activeTable(db, blocks)
  const size = db.prepare('SELECT page_count * page_size AS size FROM pragma_page_count, pragma_page_size')
  return {
    blocks,
    active,
    coins: coinTable(db),
    mempool: mempoolTable(db),
    transact: (body) => {
      db.exec('BEGIN IMMEDIATE')
      try {
        const result = body()
        db.exec('COMMIT')
        return result
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        blocks.forget()
        active.forget()
        throw error
      }
    },
    sizeBytes: () => Number(size.get()?.['size']),
    close: () => db.close(),
  }
}

const SQLITE_BUSY = 5

const openExclusive = (file: string): DatabaseSync => {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    db.exec(`PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
      PRAGMA cache_size=-${STORE_CACHE_KIB}; BEGIN IMMEDIATE;`)
    db.exec(SCHEMA)
    db.exec('COMMIT')
    return db
  } catch (error) {
    db.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new Fault('chain.locked', `another process uses the chain in ${file}`, {
      culprit: 'you',
      next: 'Stop the other xencoind or zennetd, or give this one its own --data-dir.',
      cause: error,
    })
  }
}

const checkIdentity = (db: DatabaseSync, network: Network): void => {
  const identity = `${network.name} v${STORE_VERSION}`
  db.prepare("INSERT OR IGNORE INTO meta VALUES ('identity', ?)").run(identity)
  const found = db.prepare("SELECT value FROM meta WHERE key = 'identity'").get()?.['value']
  if (found !== identity)
    throw new Fault('chain.wrong-store', `the data directory holds "${String(found)}", not "${identity}"`, {
      culprit: 'you',
      next: 'Give this network its own --data-dir.',
    })
}
