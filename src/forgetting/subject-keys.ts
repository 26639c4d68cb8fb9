import { closeSync, fsyncSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { Fault } from '../../domain/fault.ts'
import type { Random } from '../random/port.ts'
import { cutLog, databaseFault, type Format, IN_MEMORY, inTransaction, openDatabase } from '../sqlite/database.ts'
import { KeyCache } from './key-cache.ts'
import type { Opened, Place, SubjectKeys } from './port.ts'
import { KEY_BYTES, NOBODY_OPENS, openText, sealText } from './sealed-text.ts'

/**
 * The file of the keys, layout 1. A subject that was forgotten stays, without its key, so that none is made again. FULL: a key is on
 * the disk before the first fact under it can be.
 */
export const SUBJECT_KEYS_FORMAT: Format = {
  subsystem: 'keys',
  applicationId: 0x5a4e534b, // 'ZNSK'
  version: 1,
  synchronous: 'FULL',
  overwrites: true,
  schema: `
    CREATE TABLE keys (
      subject TEXT PRIMARY KEY,
      key BLOB CHECK (length(key) = ${KEY_BYTES}),
      forgotten_at INTEGER,
      CHECK ((key IS NULL) = (forgotten_at IS NOT NULL))
    ) STRICT;
    CREATE TABLE obeyed (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL) STRICT;
    INSERT INTO obeyed (one, position) VALUES (1, 0);`,
}

export type SubjectKeysOptions = {
  /** Nodes that share a log may share the file. `:memory:` for tests. */
  readonly path: string
  readonly random: Random
  readonly keysKept?: number
}

/**
 * Opens or makes the keys of subjects, for this user alone. Several processes may have the file open.
 * @throws Fault `keys.exposed`, `.foreign-file`, `.newer-file`, `.corrupt`, `.locked`, `.disk-full`, `.failed`
 */
export const openSubjectKeys = async ({ path, random, keysKept }: SubjectKeysOptions): Promise<SubjectKeys> => {
  const isNew = path !== IN_MEMORY && refuseExposed(path)
  const db = await openDatabase(path, SUBJECT_KEYS_FORMAT)
  try {
    if (isNew) syncFolder(dirname(path))
    return new KeyFile(db, path, random, new KeyCache(keysKept))
  } catch (error) {
    db.close()
    throw databaseFault('keys', path, error)
  }
}

class KeyFile implements SubjectKeys {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #random: Random
  readonly #cache: KeyCache
  readonly #find: StatementSync
  readonly #add: StatementSync
  readonly #forget: StatementSync

  constructor(db: DatabaseSync, path: string, random: Random, cache: KeyCache) {
    this.#db = db
    this.#path = path
    this.#random = random
    this.#cache = cache
    this.#find = db.prepare('SELECT key FROM keys WHERE subject = ?')
    // Another process may have made one since: there is only ever one.
    this.#add = db.prepare('INSERT INTO keys (subject, key) VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#forget = db.prepare(
      `INSERT INTO keys (subject, key, forgotten_at) VALUES (?, NULL, ?)
       ON CONFLICT DO UPDATE SET key = NULL, forgotten_at = coalesce(forgotten_at, excluded.forgotten_at)`,
    )
  }

  seal(place: Place, text: string): string {
    const key = this.#keyOf(place.stream) ?? this.#made(place.stream)
    return key === 'forgotten' ? NOBODY_OPENS : sealText(key, place, text, this.#random)
  }

  open(place: Place, sealed: string): Opened {
    const key = this.#keyOf(place.stream)
    if (key === undefined || key === 'forgotten') return key ?? 'hidden'
    // Written by another node after it had forgotten the subject, and before this one heard of it.
    if (sealed === NOBODY_OPENS) return 'forgotten'
    const text = openText(key, place, sealed)
    return text === undefined ? 'hidden' : { text }
  }

  forget(subject: string, at: number): void {
    this.#cache.drop(subject)
    this.#doing(() => {
      this.#forget.run(subject, at)
      // The key still stands in the write-ahead log.
      if (this.#path !== IN_MEMORY) cutLog(this.#path, 'keys')
    })
  }

  isForgotten(subject: string): boolean {
    return this.#keyOf(subject) === 'forgotten'
  }

  obeyedUpTo(): number {
    return this.#doing(() => Number(this.#db.prepare('SELECT position FROM obeyed').get()?.['position']))
  }

  obeyed(position: number): void {
    this.#doing(() => this.#db.prepare('UPDATE obeyed SET position = ?').run(position))
  }

  close(): void {
    this.#cache.clear()
    this.#db.close()
  }

  #keyOf(subject: string): Uint8Array | 'forgotten' | undefined {
    const kept = this.#cache.get(subject)
    if (kept) return kept
    const row = this.#doing(() => this.#find.get(subject)) as { key: Uint8Array | null } | undefined
    if (row === undefined) return undefined
    return row.key === null ? 'forgotten' : this.#cache.put(subject, row.key)
  }

  #made(subject: string): Uint8Array | 'forgotten' {
    const key = this.#random.bytes(KEY_BYTES)
    this.#doing(() => inTransaction(this.#db, () => this.#add.run(subject, key)))
    key.fill(0)
    const found = this.#keyOf(subject)
    if (found === undefined) throw new Fault('keys.failed', `${this.#path} did not keep a key`)
    return found
  }

  #doing<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw databaseFault('keys', this.#path, error)
    }
  }
}

/** @returns whether the file is not there yet. @throws Fault `keys.exposed` */
const refuseExposed = (path: string): boolean => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() && (found.mode & 0o077) !== 0) {
    throw new Fault('keys.exposed', `others on this machine may read ${path}`, {
      culprit: 'you',
      next: `Whoever read it can read what it seals, until it is forgotten. Take the others out: chmod 600 ${path}`,
    })
  }
  return found === undefined
}

const syncFolder = (folder: string): void => {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
