import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as breathe } from 'node:timers/promises'
import { Fault } from '../../domain/fault.ts'
import { databaseFault, inTransaction, openDatabase } from '../sqlite/database.ts'
import { ArchiveReader } from './archive-reader.ts'
import { Bell } from './bell.ts'
import { type Filter, MAX_APPEND_FACTS, type Position, type StreamInfo } from './port.ts'
import { SqliteArchive } from './sqlite-archive.ts'
import { SqliteLog } from './sqlite-log.ts'
import { SqlitePlaces } from './sqlite-places.ts'
import { SqliteReader } from './sqlite-reader.ts'
import { JOURNAL_FORMAT } from './sqlite-schema.ts'
import type { Change, LogRange, Piece, Store, StreamRange } from './store.ts'

/** Transacts that share one commit, and so one sync of the disk. */
export const BATCH_TRANSACTS = 128
/** Transacts that may wait for the disk; one more is refused with `journal.busy`. */
export const MAX_QUEUED_TRANSACTS = 65_536
/** How often followers look for what other processes have appended to the same file. */
export const POLL_MS = 25

type Queued = {
  readonly change: Change
  readonly resolve: (result: number) => void
  readonly reject: (error: Fault) => void
}

/** Thrown before anything of a change was written: it fails alone, and the others of its batch do not. */
const FAILS_ALONE = new Set([
  'journal.conflict',
  'journal.archived',
  'journal.tombstoned',
  'journal.bad-retention',
  'journal.too-large',
])

/** @throws Fault `journal.foreign-file`, `journal.newer-file`, `journal.corrupt`, `journal.locked`, `journal.failed` */
export const openSqliteStore = async (path: string): Promise<Store> => {
  const db = await openDatabase(path, JOURNAL_FORMAT)
  try {
    const store = new SqliteStore(db, path)
    await store.stream({ stream: '', after: 0, before: 1, limit: 1, backward: false })
    return store
  } catch (error) {
    db.close()
    throw databaseFault('journal', path, error)
  }
}

/** One SQLite file, in this thread: each commit is on the disk before it is acknowledged, and those that wait for it share it. */
class SqliteStore implements Store {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #places: SqlitePlaces
  readonly #log: SqliteLog
  readonly #reader: SqliteReader
  readonly #archive: SqliteArchive
  readonly #bell: Bell
  #queue: Queued[] = []
  #flushing: Promise<void> | undefined
  #polling: NodeJS.Timeout | undefined
  #broken: Fault | undefined

  constructor(db: DatabaseSync, path: string) {
    const folder = `${path}.segments`
    const archived = new ArchiveReader(db, folder)
    this.#db = db
    this.#path = path
    this.#places = new SqlitePlaces(db)
    this.#log = new SqliteLog(db, this.#places)
    this.#reader = new SqliteReader(db, this.#places, archived)
    this.#archive = new SqliteArchive(db, this.#log, this.#places, archived, folder)
    this.#bell = new Bell(this.#log.head)
  }

  change(change: Change): Promise<number> {
    if (this.#queue.length >= MAX_QUEUED_TRANSACTS) {
      return Promise.reject(new Fault('journal.busy', 'too many commands wait for the disk'))
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, resolve, reject })
      this.#flushing ??= this.#flush()
    })
  }

  async stream(range: StreamRange): Promise<Piece> {
    return this.#read(() => this.#reader.stream(range))
  }

  async scan(range: LogRange): Promise<Piece> {
    return this.#read(() => this.#reader.scan(range, this.#log.head))
  }

  async describe(stream: string): Promise<StreamInfo> {
    return this.#read(() => ({ ...this.#log.of(stream), oldest: this.#reader.oldest(stream) }))
  }

  async head(): Promise<Position> {
    return this.#read(() => this.#log.head)
  }

  beyond(after: Position, signal: AbortSignal, wanted?: Filter): Promise<void> {
    this.#polling ??= setInterval(() => this.#poll(), POLL_MS)
    return this.#bell.beyond(after, signal, wanted)
  }

  async close(): Promise<void> {
    await this.#flushing
    clearInterval(this.#polling)
    this.#bell.ringAll()
    this.#db.close()
  }

  #read<T>(work: () => T): T {
    try {
      this.#log.refresh()
      return work()
    } catch (error) {
      throw databaseFault('journal', this.#path, error)
    }
  }

  async #flush(): Promise<void> {
    // One turn of the loop: whoever was woken by the last commit is in time for this one.
    await breathe()
    while (this.#queue.length > 0) {
      const count = batchLength(this.#queue)
      const batch = this.#queue.slice(0, count)
      this.#queue = this.#queue.slice(count)
      this.#commit(batch)
      await breathe()
    }
    this.#flushing = undefined
  }

  #commit(batch: readonly Queued[]): void {
    const answers: (() => void)[] = []
    try {
      if (this.#broken) throw this.#broken
      inTransaction(this.#db, () => {
        this.#log.refresh()
        for (const { change, resolve, reject } of batch) {
          try {
            const result = this.#write(change)
            answers.push(() => resolve(result))
          } catch (error) {
            if (!(error instanceof Fault) || !FAILS_ALONE.has(error.code)) throw error
            answers.push(() => reject(error))
          }
        }
        this.#places.placeMany()
      })
    } catch (error) {
      this.#undone(batch, error)
      return
    }
    for (const answer of answers) answer()
    // What other processes appended meanwhile, a poll tells of.
    this.#bell.ring(
      this.#log.head,
      batch.flatMap(({ change }) => (change.kind === 'transact' ? change.transact.appends : [])),
    )
  }

  #undone(batch: readonly Queued[], error: unknown): void {
    const fault = databaseFault('journal', this.#path, error)
    this.#log.forgetCached()
    // After a failed sync nobody knows what the disk has: only opening the file again can tell. A segment is not yet part of it.
    const isFile = batch.every(({ change }) => !isMove(change))
    if (isFile && (fault.code === 'journal.failed' || fault.code === 'journal.corrupt')) this.#broken = fault
    for (const { reject } of batch) reject(fault)
  }

  #write(change: Change): number {
    switch (change.kind) {
      case 'transact':
        return this.#log.write(change.transact)
      case 'retain':
        this.#log.retain(change.stream, change.retention)
        return 0
      case 'tombstone':
        this.#log.tombstone(change.stream, change.expected)
        return 0
      case 'archive':
        return this.#archive.archive(change.streams)
      case 'restore':
        return this.#archive.restore(change.streams)
    }
  }

  #poll(): void {
    if (this.#bell.waiting === 0) {
      clearInterval(this.#polling)
      this.#polling = undefined
      return
    }
    try {
      this.#log.refresh()
      this.#bell.ring(this.#log.head)
    } catch {
      // The followers look themselves, and get the fault.
      this.#bell.ringAll()
    }
  }
}

const isMove = ({ kind }: Change): boolean => kind === 'archive' || kind === 'restore'

/** A move to or from the archive is alone: when its file cannot be written, nothing else is undone. */
const batchLength = (queue: readonly Queued[]): number => {
  let facts = 0
  let count = 0
  for (const { change } of queue) {
    if (change.kind === 'transact') for (const append of change.transact.appends) facts += append.facts.length
    const isFull = count === BATCH_TRANSACTS || facts > MAX_APPEND_FACTS || isMove(change)
    if (count > 0 && (isFull || isMove(queue[0]!.change))) break
    count += 1
  }
  return count
}
