import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../domain/fault.ts'

/** What a database file of ours is: whose it is, and which layout it has. */
export type Format = {
  /** First part of its fault codes: `journal` gives `journal.corrupt`. */
  readonly subsystem: string
  /** SQLite's `application_id`, at byte 68 of the file: never reused. Retired: none. */
  readonly applicationId: number
  /** SQLite's `user_version`: raised with each change of the layout. */
  readonly version: number
  /** Makes version `version` in an empty file. */
  readonly schema: string
  /** By version: makes of that layout the next one. */
  readonly upgrades?: Readonly<Record<number, string>>
  /** FULL: a commit is on the disk. NORMAL: a power cut may lose the newest commits, never their order. */
  readonly synchronous: 'FULL' | 'NORMAL'
  /** What is deleted or replaced is overwritten with zeros, for files that hold something personal; see `cutLog`. */
  readonly overwrites?: true
}

/** As a path: a database that lives as long as it is open. For tests, and for rows that are cheap to fold again. */
export const IN_MEMORY = ':memory:'
/** How long a statement, or an opening, waits for another process's lock. */
export const LOCK_LIMIT_MS = 5_000
/** Files up to this size are checked page by page when they are opened (about 20 ms); larger ones as they are read. */
export const QUICK_CHECK_BYTES = 16_777_216

/**
 * Opens or makes a database of ours, after it has proved to be one; a file of anybody else is not touched.
 * The file and its folder are for this user alone.
 * @throws Fault `<subsystem>.foreign-file`, `.newer-file`, `.corrupt`, `.locked`, `.disk-full`, `.failed`
 */
export const openDatabase = async (path: string, format: Format): Promise<DatabaseSync> => {
  const until = performance.now() + LOCK_LIMIT_MS
  for (;;) {
    try {
      return openOnce(path, format)
    } catch (error) {
      const fault = databaseFault(format.subsystem, path, error)
      // Turning WAL on does not wait for locks by itself, so two processes that make a file at once would clash.
      if (fault.code !== `${format.subsystem}.locked` || performance.now() > until) throw fault
      await delay(20)
    }
  }
}

const openOnce = (path: string, format: Format): DatabaseSync => {
  if (path !== IN_MEMORY) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
  }
  const db = new DatabaseSync(path, { timeout: LOCK_LIMIT_MS })
  try {
    recognise(db, path, format)
    if (path !== IN_MEMORY) chmodSync(path, 0o600)
    db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${format.synchronous}; PRAGMA wal_autocheckpoint=4000;
      PRAGMA cache_size=-65536; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;
      PRAGMA secure_delete=${format.overwrites ? 'ON' : 'OFF'}`)
    if (versionOf(db) < format.version) make(db, format)
    if (path !== IN_MEMORY && statSync(path).size <= QUICK_CHECK_BYTES) {
      const found = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
      if (found.quick_check !== 'ok') {
        throw new Fault(`${format.subsystem}.corrupt`, `${path} is damaged: ${found.quick_check}`, {
          next: ifDamaged(format.subsystem),
        })
      }
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Opens a file to look at, however damaged: nothing is changed, checked or upgraded.
 * @returns the database, and the layout it has
 * @throws Fault as `openDatabase`
 */
export const openDamaged = (path: string, format: Format): { readonly db: DatabaseSync; readonly layout: number } => {
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: LOCK_LIMIT_MS })
    try {
      recognise(db, path, format)
      return { db, layout: versionOf(db) }
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw databaseFault(format.subsystem, path, error)
  }
}

/** Reads only: a file of somebody else must stay as it was. */
const recognise = (db: DatabaseSync, path: string, { subsystem, applicationId, version }: Format): void => {
  const { application_id: found } = db.prepare('PRAGMA application_id').get() as { application_id: number }
  const { tables } = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number }
  if (found !== applicationId && (found !== 0 || tables > 0)) {
    throw new Fault(`${subsystem}.foreign-file`, `${path} is not a ${subsystem} file`, {
      culprit: 'you',
      next: 'Name another path; this file was not touched.',
    })
  }
  if (versionOf(db) > version) {
    throw new Fault(`${subsystem}.newer-file`, `${path} was written by a newer version`, {
      culprit: 'you',
      next: 'Upgrade this program; the file was not touched.',
    })
  }
}

const versionOf = (db: DatabaseSync): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

/** @throws Error when there is no way from the layout that the file has: a bug */
const make = (db: DatabaseSync, { applicationId, version, schema, upgrades = {} }: Format): void =>
  inTransaction(db, () => {
    // Another process may have made it while this one waited for the lock.
    const found = versionOf(db)
    if (found === 0) db.exec(`PRAGMA application_id=${applicationId}; ${schema}`)
    for (let from = found || version; from < version; from++) {
      const upgrade = upgrades[from]
      if (upgrade === undefined) throw new Error(`no way from layout ${from}`)
      db.exec(upgrade)
    }
    db.exec(`PRAGMA user_version=${version}`)
  })

/** One write transaction: everything `work` does, or nothing. The lock is taken first, so `work` reads what it will change. */
export const inTransaction = <T>(db: DatabaseSync, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/**
 * Takes everything over from a file's write-ahead log into the file, and cuts the log to nothing: what was overwritten in the file
 * still stood there. Others may have the file open. The whole process waits, up to `limitMs`, for their reads to end.
 * @throws Fault `<subsystem>.locked` when they do not; the log is whole then, and can be cut another time
 */
export const cutLog = (path: string, subsystem: string, limitMs = 250): void => {
  try {
    const db = new DatabaseSync(path, { timeout: limitMs })
    try {
      const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
      if (busy === 0) return
    } finally {
      db.close()
    }
  } catch (error) {
    throw databaseFault(subsystem, path, error)
  }
  throw new Fault(`${subsystem}.locked`, `${path} is read by another process: what was deleted stands in its log yet`, {
    next: 'End the other process that uses the file, then try again.',
  })
}

// Primary result codes, https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26

/** What to do about a damaged file of a subsystem. */
export const ifDamaged = (subsystem: string): string =>
  subsystem === 'journal'
    ? 'Stop the node. `zennet journal check` says what is damaged; put a backup in its place, or save the rest with `zennet journal rescue`.'
    : 'Put a backup of the file in its place.'

/** What SQLite threw, as a fault of the subsystem; a fault stays what it is. */
export const databaseFault = (subsystem: string, path: string, error: unknown): Fault => {
  if (error instanceof Fault) return error
  const primary = primaryCode(error)
  if (primary === SQLITE_BUSY || primary === SQLITE_LOCKED) {
    return new Fault(`${subsystem}.locked`, `${path} is locked by another process`, {
      next: 'End the other process that writes to it, then try again.',
      cause: error,
    })
  }
  if (primary === SQLITE_CORRUPT || error instanceof SyntaxError) {
    return new Fault(`${subsystem}.corrupt`, `${path} is damaged`, {
      next: ifDamaged(subsystem),
      cause: error,
    })
  }
  if (primary === SQLITE_NOTADB) {
    return new Fault(`${subsystem}.foreign-file`, `${path} is not a ${subsystem} file`, {
      culprit: 'you',
      next: 'Name another path; this file was not touched.',
      cause: error,
    })
  }
  if (primary === SQLITE_FULL) {
    return new Fault(`${subsystem}.disk-full`, `no room for ${path}`, { next: 'Make room on the disk.', cause: error })
  }
  const said = error instanceof Error ? error.message : String(error)
  return new Fault(`${subsystem}.failed`, `${path}: ${said}`, { cause: error })
}

const primaryCode = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0
