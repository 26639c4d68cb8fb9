import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { decode, encode } from '../../domain/codec.ts'
import type { Keeping } from '../../domain/decider.ts'
import { Fault } from '../../domain/fault.ts'
import type { Place, Seals } from '../forgetting/port.ts'
import type { Log } from '../log/port.ts'
import { databaseFault, type Format, inTransaction, openDatabase } from '../sqlite/database.ts'
import type { Recorded } from './port.ts'
import type { Upcasts } from './upcast.ts'
import { UPCASTS } from './upcasts.ts'

/** The file of the snapshots, layout 1. It may be deleted at any time: what is not in it is folded from the log. */
export const SNAPSHOTS_FORMAT: Format = {
  subsystem: 'snapshots',
  applicationId: 0x5a4e534e, // 'ZNSN'
  version: 1,
  synchronous: 'NORMAL',
  overwrites: true,
  schema: `
    CREATE TABLE snapshots (
      name TEXT PRIMARY KEY,
      rules TEXT NOT NULL,
      version INTEGER NOT NULL,
      position INTEGER NOT NULL,
      fact TEXT NOT NULL,
      state TEXT NOT NULL,
      sha256 TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;`,
}

/** Streams whose facts have personal fields (`domain/forgetting/personal.ts`). */
const PERSONAL_STREAM = /^(?:lease|announcement)-/

/** Snapshots written in one transaction; between two of them other work has its turn. */
const BATCH = 50
/** How long a snapshot may wait for others before it is written, ms. */
const GATHER_MS = 100
/** Snapshots that wait to be written; of more, the oldest is left out: it is only a snapshot. */
const MAX_WAITING = 2_000

/** A state, and the fact that was the last one in it: by version and position, and by a hash of what it says. */
export type Snapshot<State> = {
  readonly state: State
  readonly version: number
  readonly position: number
  readonly fact: string
}

/** What has come of snapshots since the start. */
export type SnapshotCounts = { readonly used: number; readonly dropped: number; readonly written: number }

/** @returns the last fact in the state, as the log has it; undefined when there is none */
type LastFact = () => Promise<Recorded | undefined>
type Waiting = { readonly rules: string; frozen(): unknown; readonly last: LastFact }

export type SnapshotsOptions = {
  readonly path: string
  readonly log: Log
  readonly upcasts?: Upcasts
  /** States of streams with personal fields are sealed with the key of their stream, and go with it. */
  readonly seals?: Seals
}

/** States of folds, kept beside the log so that they need not be folded from the beginning. Never needed, and never believed blindly. */
export class Snapshots {
  readonly #options: SnapshotsOptions
  readonly #epoch: string
  #db: DatabaseSync | undefined
  readonly #waiting = new Map<string, Waiting>()
  readonly #lastCalls: (() => void)[] = []
  readonly #said = new Set<string>()
  readonly #counts = { used: 0, dropped: 0, written: 0 }
  #writing: Promise<void> | undefined
  readonly #closing = new AbortController()

  /** Use `openSnapshots`. */
  constructor(db: DatabaseSync | undefined, options: SnapshotsOptions) {
    const { upcasts = UPCASTS } = options
    this.#db = db
    this.#options = options
    // A new upcast makes other facts of the same log, and so other states of the same rules.
    this.#epoch = encode(Object.entries(upcasts).map(([type, steps]) => [type, steps.length]))
  }

  get counts(): SnapshotCounts {
    return { ...this.#counts }
  }

  /** @returns undefined when there is none that these rules could have made. Whether it is of this log, `isLast` says. */
  get<State>(name: string, keeping: Keeping<State>): Snapshot<State> | undefined {
    return this.#try(() => this.#read(name, keeping))
  }

  #read<State>(name: string, keeping: Keeping<State>): Snapshot<State> | undefined {
    const row = this.#db?.prepare('SELECT * FROM snapshots WHERE name = ?').get(name)
    if (row === undefined) return undefined
    const { rules, version, position, fact, state: text, sha256 } = row as Record<string, string | number>
    if (rules !== this.#rulesOf(keeping)) return this.drop(name, 'it was folded by other rules')
    if (sha256 !== checksum([name, rules, version, position, fact, text])) return this.drop(name, 'it is damaged')
    const { seals } = this.#options
    const opened =
      seals && PERSONAL_STREAM.test(name)
        ? seals.open(placeOf(name, Number(version)), String(text))
        : { text: String(text) }
    if (typeof opened === 'string') return this.drop(name, 'its subject was forgotten')
    const state = readState(keeping, opened.text)
    if (state === undefined) return this.drop(name, 'it holds no state of its chart')
    return { state, version: Number(version), position: Number(position), fact: String(fact) }
  }

  /** Counts a snapshot that was believed. */
  used(): void {
    this.#counts.used += 1
  }

  /** Soon written, off the hot path. `state` must not change any more; `last` is asked for when it is written. */
  put<State>(name: string, keeping: Keeping<State>, state: State, last: LastFact): void {
    if (!this.#db) return
    this.#waiting.delete(name)
    this.#waiting.set(name, { rules: this.#rulesOf(keeping), frozen: () => keeping.freeze(state), last })
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Leaves it out from now on: counted, and said once for each reason. */
  drop(name: string, why: string): undefined {
    this.#counts.dropped += 1
    this.#waiting.delete(name)
    if (!this.#said.has(why))
      this.#options.log.info({ snapshot: name }, `a snapshot is left out, since ${why}: folded anew`)
    this.#said.add(why)
    this.#try(() => this.#db?.prepare('DELETE FROM snapshots WHERE name = ?').run(name))
    return undefined
  }

  /** Called before the file is closed: for states that are worth keeping for the next start. */
  beforeClose(lastCall: () => void): void {
    this.#lastCalls.push(lastCall)
  }

  /** Writes what waits; to be called before the log is closed. */
  async close(): Promise<void> {
    for (const lastCall of this.#lastCalls.splice(0)) lastCall()
    this.#closing.abort()
    await this.#writing
    this.#db?.close()
    this.#db = undefined
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0 && this.#db) {
      await pause(GATHER_MS, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {})
      const batch = [...this.#waiting].slice(0, BATCH)
      for (const [name] of batch) this.#waiting.delete(name)
      try {
        await this.#writeBatch(batch)
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  async #writeBatch(batch: readonly [string, Waiting][]): Promise<void> {
    const rows: (string | number)[][] = []
    for (const [name, { rules, frozen, last }] of batch) {
      const recorded = await last()
      if (!recorded) continue
      const { version, position } = recorded
      const text = encode(frozen())
      const { seals } = this.#options
      const state = seals && PERSONAL_STREAM.test(name) ? seals.seal(placeOf(name, version), text) : text
      const values = [name, rules, version, position, factHash(recorded), state]
      rows.push([...values, checksum(values)])
    }
    const db = this.#db
    if (!db) return
    inTransaction(db, () => {
      const replace = db.prepare(
        'REPLACE INTO snapshots (name, rules, version, position, fact, state, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      for (const row of rows) replace.run(...row)
    })
    this.#counts.written += rows.length
  }

  #rulesOf({ fingerprint }: { readonly fingerprint: string }): string {
    return `${fingerprint} ${this.#epoch}`
  }

  #try<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  /** From here on this process has none; a damaged file is taken away, and the next start makes a new one. */
  #fail(error: unknown): void {
    const { path, log } = this.#options
    const fault = databaseFault('snapshots', path, error)
    log.warn({ err: fault }, 'snapshots cannot be used; streams are folded from the log')
    this.#db?.close()
    this.#db = undefined
    this.#waiting.clear()
    if (fault.code === 'snapshots.corrupt') removeFile(path)
  }
}

/** Opens the file, or a new one in the place of a damaged one; one that cannot be used is left alone, and there are no snapshots. */
export const openSnapshots = async (options: SnapshotsOptions): Promise<Snapshots> => {
  const { path, log } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return new Snapshots(await openDatabase(path, SNAPSHOTS_FORMAT), options)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const isLost = error.code === 'snapshots.corrupt' && attempt === 1
      log.warn({ err: error }, isLost ? 'the snapshots are damaged; made anew' : 'there will be no snapshots')
      if (!isLost) return new Snapshots(undefined, options)
      removeFile(path)
    }
  }
}

/** Whether a snapshot's last fact is this one of the log. A log that was put back from a backup may have gone another way. */
export const isLast = (snapshot: Snapshot<unknown>, recorded: Recorded | undefined): boolean =>
  recorded?.version === snapshot.version &&
  recorded.position === snapshot.position &&
  factHash(recorded) === snapshot.fact

const placeOf = (stream: string, version: number): Place => ({ stream, version, type: 'snapshot', path: 'state' })

const readState = <State>(keeping: Keeping<State>, text: string): State | undefined => {
  try {
    return keeping.thaw(decode(text))
  } catch {
    return undefined
  }
}

const factHash = ({ fact, commandId }: Recorded): string => checksum([encode(fact), commandId])

const checksum = (values: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('base64')

const removeFile = (path: string): void => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
}
