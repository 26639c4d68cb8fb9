import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/fault.ts'
import { COMMANDS_REMEMBERED, Conflict, type Position, type Retention, type StreamInfo } from './port.ts'
import type { Prepared } from './prepared.ts'
import type { SqlitePlaces } from './sqlite-places.ts'
import { sumOf } from './sqlite-sum.ts'
import { refuseUnless } from './stream-state.ts'

/** A stream as it is needed for writing. */
export type StreamHead = {
  readonly version: number
  readonly state: StreamInfo['state']
  readonly retention: Retention
}

/** Streams kept in memory, so that a command need not ask the file. */
const STREAMS_KEPT = 100_000

/** What writes to a journal's file. All is synchronous, and writing must be inside a transaction. */
export class SqliteLog {
  readonly #streams = new Map<string, StreamHead>()
  #head: Position = 0
  #dataVersion = -1
  #commandsSincePruned = 0
  readonly #places: SqlitePlaces
  readonly #statements

  constructor(db: DatabaseSync, places: SqlitePlaces) {
    this.#places = places
    this.#statements = {
      dataVersion: db.prepare('PRAGMA data_version'),
      head: db.prepare('SELECT max((SELECT position FROM reached), coalesce(max(position), 0)) AS head FROM facts'),
      stream: db.prepare('SELECT version, state, newest, before FROM streams WHERE stream = ?'),
      insert: db.prepare(
        'INSERT INTO facts (position, stream, version, type, fact, command, correlation, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      describe: db.prepare('REPLACE INTO streams (stream, version, state, newest, before) VALUES (?, ?, ?, ?, ?)'),
      reach: db.prepare('UPDATE reached SET position = max(position, ?)'),
      seen: db.prepare('SELECT position FROM commands_seen WHERE id = ?'),
      remember: db.prepare('INSERT INTO commands_seen (id, position) VALUES (?, ?)'),
      forget: db.prepare('DELETE FROM commands_seen WHERE number <= (SELECT max(number) FROM commands_seen) - ?'),
    }
    this.refresh()
  }

  get head(): Position {
    return this.#head
  }

  /** Notices what other processes have written since; a few microseconds when they have not. */
  refresh(): void {
    const { data_version: now } = this.#statements.dataVersion.get() as { data_version: number }
    if (now === this.#dataVersion) return
    this.#streams.clear()
    this.#places.refresh()
    this.#head = Number(this.#statements.head.get()!['head'])
    this.#dataVersion = now
  }

  /** What memory says of the file is in doubt: a transaction was undone. */
  forgetCached(): void {
    this.#streams.clear()
    this.#places.forgetCached()
    this.#dataVersion = -1
  }

  /**
   * Checks all, then writes: a refusal has written nothing, so it fails alone inside a batch.
   * @throws Conflict
   * @throws Fault `journal.archived`, `journal.tombstoned`
   */
  write({ appends, commandId, correlationId }: Prepared): Position {
    const before = commandId === undefined ? undefined : this.#statements.seen.get(commandId)
    if (before !== undefined) return Number(before['position'])
    const reached = new Map<string, number>()
    for (const { stream, expected, facts } of appends) {
      const { version, state } = this.of(stream)
      if (facts.length > 0) refuseUnless(state, 'live', stream)
      const actual = reached.get(stream) ?? version
      if (actual !== expected) throw new Conflict(stream, expected, actual)
      reached.set(stream, actual + facts.length)
    }
    const command = commandId ?? `at-${this.#head + 1}`
    for (const { stream, expected, facts } of appends) {
      let version = expected
      for (const { type, text } of facts) {
        this.#head += 1
        version += 1
        const sum = sumOf(text, this.#head)
        this.#statements.insert.run(this.#head, stream, version, type, text, command, correlationId ?? null, sum)
        this.#places.add(stream, version, this.#head)
      }
      const { retention } = this.of(stream)
      this.#keep(stream, { version, state: 'live', retention })
      const { newest } = retention
      if (newest !== undefined && version > newest) this.#places.remove(stream, version - newest + 1)
    }
    if (commandId !== undefined) this.#remember(commandId)
    return this.#head
  }

  /** @throws Fault `journal.archived`, `journal.tombstoned`, `journal.bad-retention`; nothing was written */
  retain(stream: string, retention: Retention): void {
    const { version, state } = this.of(stream)
    refuseUnless(state, 'live', stream)
    const { newest = version, before = 1 } = retention
    if (before > version + 1) throw new Fault('journal.bad-retention', `${stream} has not yet reached ${before}`)
    this.describe(stream, { version, state, retention })
    this.#places.remove(stream, Math.max(before, version - newest + 1))
  }

  /** @throws Fault `journal.archived`, Conflict; nothing was written */
  tombstone(stream: string, expected: number): void {
    const { version, state, retention } = this.of(stream)
    if (state === 'tombstoned') return
    refuseUnless(state, 'live', stream)
    if (version !== expected) throw new Conflict(stream, expected, version)
    this.describe(stream, { version, state: 'tombstoned', retention })
    this.#places.remove(stream, version + 1)
  }

  of(stream: string): StreamHead {
    const kept = this.#streams.get(stream)
    if (kept !== undefined) return kept
    const row = this.#statements.stream.get(stream)
    const version = this.#places.newest(stream)
    if (row === undefined) return this.#keep(stream, { version, state: 'live', retention: {} })
    const retention = {
      ...(row['newest'] === null ? {} : { newest: Number(row['newest']) }),
      ...(row['before'] === null ? {} : { before: Number(row['before']) }),
    }
    const state = row['state'] as StreamInfo['state']
    return this.#keep(stream, { version: Math.max(version, Number(row['version'])), state, retention })
  }

  /** Writes down what its facts can no longer tell, and which positions were already given out, before some are removed. */
  describe(stream: string, head: StreamHead): void {
    const { version, state, retention } = head
    this.#statements.describe.run(stream, version, state, retention.newest ?? null, retention.before ?? null)
    this.#statements.reach.run(this.#head)
    this.#keep(stream, head)
  }

  #keep(stream: string, head: StreamHead): StreamHead {
    if (this.#streams.size >= STREAMS_KEPT) this.#streams.clear()
    this.#streams.set(stream, head)
    return head
  }

  #remember(commandId: string): void {
    this.#statements.remember.run(commandId, this.#head)
    this.#commandsSincePruned += 1
    if (this.#commandsSincePruned < 1_000) return
    this.#commandsSincePruned = 0
    this.#statements.forget.run(COMMANDS_REMEMBERED)
  }
}
