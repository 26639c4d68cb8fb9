import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { ArchiveReader } from './archive-reader.ts'
import type { Filter, Position } from './port.ts'
import type { Place, SqlitePlaces } from './sqlite-places.ts'
import { checkSum } from './sqlite-sum.ts'
import { type LogRange, type Piece, pieceFrom, pieceOf, type Stored, type StreamRange } from './store.ts'

/** In the order of `COLUMNS`; the table is STRICT, so these are the types. */
type Row = readonly [number, string, number, string, string, string | null, number | null]

const POSITION = 0
const VERSION = 2

/** Positions looked at in one synchronous piece of reading, so that a long scan leaves room for others. */
const SCAN_POSITIONS = 1_000

/**
 * Rows taken at once. As arrays in an array they cost four fifths of what they do one by one (measured); so few of the largest facts fit into
 * memory.
 */
const CHUNK_ROWS = 64

const COLUMNS = 'position, stream, version, fact, command, correlation, sum'
const OF_STREAM = `SELECT f.position, f.stream, f.version, f.fact, f.command, f.correlation, f.sum
  FROM places p CROSS JOIN facts f ON f.position = p.position
  WHERE p.stream = ? AND p.version > ? AND p.version < ? ORDER BY p.version`
const OF_LOG = `SELECT ${COLUMNS} FROM facts WHERE position > ?1 AND position <= ?2
  AND (?3 IS NULL OR substr(stream, 1, length(?3)) = ?3)
  AND (?4 IS NULL OR type IN (SELECT value FROM json_each(?4))) ORDER BY position`

const versionOf = ({ version }: Stored): number => version
const positionOf = ({ position }: Stored): number => position

/** What reads a journal's file and its archive as one log. All is synchronous. */
export class SqliteReader {
  readonly #db: DatabaseSync
  readonly #places: SqlitePlaces
  readonly #archive: ArchiveReader
  readonly #statements

  constructor(db: DatabaseSync, places: SqlitePlaces, archive: ArchiveReader) {
    this.#db = db
    this.#places = places
    this.#archive = archive
    this.#statements = {
      stream: db.prepare(`${OF_STREAM} LIMIT ${CHUNK_ROWS}`),
      streamBackward: db.prepare(`${OF_STREAM} DESC LIMIT ${CHUNK_ROWS}`),
      window: db.prepare(`${OF_LOG} LIMIT ${CHUNK_ROWS}`),
      windowBackward: db.prepare(`${OF_LOG} DESC LIMIT ${CHUNK_ROWS}`),
      at: db.prepare(`SELECT ${COLUMNS} FROM facts WHERE position = ?`),
      oldest: db.prepare('SELECT min(version) AS version FROM places WHERE stream = ?'),
    }
    const { oldest, ...ofFacts } = this.#statements
    for (const statement of Object.values(ofFacts)) statement.setReturnArrays(true)
  }

  stream(range: StreamRange): Piece {
    const isPlaced = this.#places.fresh(range.stream).length === 0
    const live = isPlaced ? this.#liveStream(range) : this.#inSnapshot(() => this.#liveStream(range))
    // Nearly every stream that is read is live: only one that looks empty is looked for in the archive.
    return live.facts.length > 0 ? live : this.#inSnapshot(() => this.#anyStream(range))
  }

  #anyStream(range: StreamRange): Piece {
    const { stream, after, before, limit, backward } = range
    const archived = this.#archive.stream(stream)
    if (archived === undefined) return this.#liveStream(range)
    const found = archived.filter(({ version }) => version > after && version < before)
    return pieceOf(backward ? found.reverse() : found, limit, 0, false, versionOf)
  }

  #liveStream(range: StreamRange): Piece {
    const fresh = this.#places.fresh(range.stream)
    const rows = fresh.length === 0 ? this.#placed(range, range.before) : this.#withFresh(range, fresh)
    return pieceFrom(rows, storedOf, range.limit, 0, false, versionOf)
  }

  #placed({ stream, after, backward }: StreamRange, before: number): Iterable<readonly Row[]> {
    const { stream: forward, streamBackward } = this.#statements
    if (backward) return chunks((last) => rowsOf(streamBackward, stream, after, last?.[VERSION] ?? before))
    return chunks((last) => rowsOf(forward, stream, last?.[VERSION] ?? after, before))
  }

  *#withFresh(range: StreamRange, fresh: readonly Place[]): Generator<readonly Row[]> {
    const { after, before, backward } = range
    const asked = fresh.filter(({ version }) => version > after && version < before)
    const older = this.#placed(range, Math.min(before, fresh[0]!.version))
    if (!backward) yield* older
    for (const { position } of backward ? asked.reverse() : asked) {
      const row = this.#statements.at.get(position) as unknown as Row | undefined
      // Another process may have removed it since.
      if (row !== undefined) yield [row]
    }
    if (backward) yield* older
  }

  scan(range: LogRange, head: number): Piece {
    const { after, before, filter, limit, backward } = range
    const last = Math.min(before - 1, head)
    if (last <= after) return { facts: [], upTo: backward ? after + 1 : after, more: false }
    const from = backward ? Math.max(after, last - SCAN_POSITIONS) : after
    const to = backward ? last : Math.min(last, after + SCAN_POSITIONS)
    const upTo = backward ? from + 1 : to
    const more = backward ? from > after : to < last
    return this.#inSnapshot(() => {
      const live = pieceFrom(this.#window(from, to, range), storedOf, limit, upTo, more, positionOf)
      // A piece that ended early has looked no further than where it ended.
      const archived = backward
        ? this.#archive.window(live.upTo - 1, to, filter)
        : this.#archive.window(from, live.upTo, filter)
      if (archived.length === 0) return live
      const both = [...live.facts, ...archived].sort((a, b) => (a.position - b.position) * (backward ? -1 : 1))
      return pieceOf(both, limit, live.upTo, live.more, positionOf)
    })
  }

  #window(from: Position, to: Position, { filter, backward }: LogRange): Iterable<readonly Row[]> {
    const { window, windowBackward } = this.#statements
    const passing = wanted(filter)
    if (backward) return chunks((last) => rowsOf(windowBackward, from, last ? last[POSITION] - 1 : to, ...passing))
    return chunks((last) => rowsOf(window, last?.[POSITION] ?? from, to, ...passing))
  }

  /** Version of the oldest fact of a stream that can be read; 0 when none can. */
  oldest(stream: string): number {
    return this.#inSnapshot(() => {
      const placed = Number(this.#statements.oldest.get(stream)?.['version'] ?? 0)
      if (placed > 0) return placed
      const fresh = this.#places.fresh(stream).find(({ position }) => this.#statements.at.get(position) !== undefined)
      return fresh?.version ?? this.#archive.oldest(stream)
    })
  }

  /** One state of the file for all of `work`: another process may be moving facts to the archive or back. */
  #inSnapshot<T>(work: () => T): T {
    this.#db.exec('BEGIN')
    try {
      return work()
    } finally {
      this.#db.exec('COMMIT')
    }
  }
}

const wanted = (filter: Filter | undefined): [string | null, string | null] => [
  filter?.streamPrefix ?? null,
  filter?.types === undefined ? null : JSON.stringify(filter.types),
]

const rowsOf = (statement: StatementSync, ...values: readonly SQLInputValue[]): readonly Row[] =>
  statement.all(...values) as unknown as readonly Row[]

/** Until one is not full. @param next the chunk after this row */
function* chunks(next: (last: Row | undefined) => readonly Row[]): Generator<readonly Row[]> {
  let last: Row | undefined
  for (;;) {
    const rows = next(last)
    yield rows
    if (rows.length < CHUNK_ROWS) return
    last = rows.at(-1)
  }
}

const storedOf = ([position, stream, version, text, command, correlation, sum]: Row): Stored => {
  checkSum(text, position, sum)
  return { position, stream, version, text, commandId: command, correlationId: correlation ?? command }
}
