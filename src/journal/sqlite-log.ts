import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { decode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'
import type { Window } from './follow.ts'
import { COMMANDS_REMEMBERED, Conflict, type Filter, type Position, type Recorded } from './port.ts'
import type { Prepared } from './prepared.ts'

type Row = Record<string, SQLOutputValue>

/** Stream versions kept in memory, so that a command need not ask the file. */
const VERSIONS_KEPT = 100_000
/** Positions looked at in one synchronous piece of reading, so that a long scan leaves room for others. */
const SCAN_POSITIONS = 1_000

const COLUMNS = 'position, stream, version, fact, command, correlation'

const WINDOW = `SELECT ${COLUMNS} FROM facts WHERE position > ?1 AND position <= ?2
  AND (?3 IS NULL OR substr(stream, 1, length(?3)) = ?3)
  AND (?4 IS NULL OR type IN (SELECT value FROM json_each(?4)))`

/** The statements over a journal's file. All are synchronous; writing ones must be called inside a transaction. */
export class SqliteLog {
  readonly #versions = new Map<string, number>()
  #head: Position = 0
  #dataVersion = -1
  #commandsSincePruned = 0
  readonly #statements

  constructor(db: DatabaseSync) {
    this.#statements = {
      dataVersion: db.prepare('PRAGMA data_version'),
      head: db.prepare('SELECT max(position) AS head FROM facts'),
      version: db.prepare('SELECT max(version) AS version FROM facts WHERE stream = ?'),
      insert: db.prepare(
        'INSERT INTO facts (position, stream, version, type, fact, command, correlation) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      seen: db.prepare('SELECT position FROM commands_seen WHERE id = ?'),
      remember: db.prepare('INSERT INTO commands_seen (id, position) VALUES (?, ?)'),
      forget: db.prepare('DELETE FROM commands_seen WHERE number <= (SELECT max(number) FROM commands_seen) - ?'),
      stream: db.prepare(`SELECT ${COLUMNS} FROM facts WHERE stream = ? AND version > ? ORDER BY version LIMIT ?`),
      streamBackward: db.prepare(
        `SELECT ${COLUMNS} FROM facts WHERE stream = ? AND version < ? ORDER BY version DESC LIMIT ?`,
      ),
      window: db.prepare(`${WINDOW} ORDER BY position LIMIT ?5`),
      windowBackward: db.prepare(`${WINDOW} ORDER BY position DESC LIMIT ?5`),
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
    this.forgetCached()
    this.#dataVersion = now
    this.#head = Number(this.#statements.head.get()?.['head'] ?? 0)
  }

  /** What memory says of the file is in doubt: a transaction was undone. */
  forgetCached(): void {
    this.#versions.clear()
    this.#dataVersion = -1
  }

  /**
   * Checks all, then writes: a conflict has written nothing, so it fails alone inside a batch.
   * @throws Conflict
   */
  write({ appends, commandId, correlationId }: Prepared): Position {
    const before = commandId === undefined ? undefined : this.#statements.seen.get(commandId)
    if (before !== undefined) return Number(before['position'])
    const reached = new Map<string, number>()
    for (const { stream, expected, facts } of appends) {
      const actual = reached.get(stream) ?? this.#versionOf(stream)
      if (actual !== expected) throw new Conflict(stream, expected, actual)
      reached.set(stream, actual + facts.length)
    }
    const command = commandId ?? `at-${this.#head + 1}`
    for (const { stream, expected, facts } of appends) {
      let version = expected
      for (const { type, text } of facts) {
        this.#head += 1
        version += 1
        this.#statements.insert.run(this.#head, stream, version, type, text, command, correlationId ?? null)
      }
      this.#versions.set(stream, version)
    }
    if (commandId !== undefined) this.#remember(commandId)
    return this.#head
  }

  /** A negative limit is none. */
  stream(stream: string, afterVersion: number, limit: number): Recorded[] {
    return this.#statements.stream.all(stream, afterVersion, limit).map(recordedOf)
  }

  streamBackward(stream: string, beforeVersion: number, limit: number): Recorded[] {
    return this.#statements.streamBackward.all(stream, beforeVersion, limit).map(recordedOf)
  }

  window(after: Position, filter: Filter | undefined, limit: number): Window {
    const upTo = Math.max(after, Math.min(this.#head, after + SCAN_POSITIONS))
    if (upTo === after) return { facts: [], upTo }
    const facts = this.#statements.window.all(after, upTo, ...wanted(filter), limit).map(recordedOf)
    return { facts, upTo: facts.length === limit ? facts.at(-1)!.position : upTo }
  }

  /** Looks at positions before `before`, newest first; `upTo` is where the next look begins, and 1 when all was seen. */
  windowBackward(before: Position, filter: Filter | undefined, limit: number): Window {
    const from = Math.max(1, before - SCAN_POSITIONS)
    const facts = this.#statements.windowBackward.all(from - 1, before - 1, ...wanted(filter), limit).map(recordedOf)
    return { facts, upTo: facts.length === limit ? facts.at(-1)!.position : from }
  }

  #versionOf(stream: string): number {
    const kept = this.#versions.get(stream)
    if (kept !== undefined) return kept
    const version = Number(this.#statements.version.get(stream)?.['version'] ?? 0)
    if (this.#versions.size >= VERSIONS_KEPT) this.#versions.clear()
    this.#versions.set(stream, version)
    return version
  }

  #remember(commandId: string): void {
    this.#statements.remember.run(commandId, this.#head)
    this.#commandsSincePruned += 1
    if (this.#commandsSincePruned < 1_000) return
    this.#commandsSincePruned = 0
    this.#statements.forget.run(COMMANDS_REMEMBERED)
  }
}

const wanted = (filter: Filter | undefined): [string | null, string | null] => [
  filter?.streamPrefix ?? null,
  filter?.types === undefined ? null : JSON.stringify(filter.types),
]

const recordedOf = (row: Row): Recorded => {
  const fact = decode(String(row['fact']))
  const command = String(row['command'])
  if (typeof fact !== 'object' || fact === null || !('type' in fact)) {
    throw new Fault('journal.corrupt', `position ${row['position']} holds no fact`)
  }
  return {
    position: Number(row['position']),
    stream: String(row['stream']),
    version: Number(row['version']),
    fact: fact as Fact,
    commandId: command,
    correlationId: row['correlation'] === null ? command : String(row['correlation']),
  }
}
