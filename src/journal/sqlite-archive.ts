import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { Fault } from '../../domain/fault.ts'
import type { ArchiveReader } from './archive-reader.ts'
import { type SegmentFact, segmentPath, writeSegment } from './segment.ts'
import type { SqliteLog } from './sqlite-log.ts'
import type { SqlitePlaces } from './sqlite-places.ts'
import { checkSum, sumOf } from './sqlite-sum.ts'
import { refuseTombstoned } from './stream-state.ts'

const OF_STREAM = 'FROM places p CROSS JOIN facts f ON f.position = p.position WHERE p.stream = ?'

/** Facts of one `archive`, encoded. */
export const MAX_SEGMENT_BYTES = 268_435_456

/**
 * Moves streams between a journal's file and segment files. Must be called inside a transaction: the segment is on the disk before
 * the commit that removes its facts from the file, and until that commit nobody knows of it.
 */
export class SqliteArchive {
  readonly #log: SqliteLog
  readonly #places: SqlitePlaces
  readonly #reader: ArchiveReader
  readonly #folder: string
  readonly #statements

  constructor(db: DatabaseSync, log: SqliteLog, places: SqlitePlaces, reader: ArchiveReader, folder: string) {
    this.#log = log
    this.#places = places
    this.#reader = reader
    this.#folder = folder
    this.#statements = {
      size: db.prepare(`SELECT coalesce(sum(length(f.fact)), 0) AS bytes, count(*) AS facts ${OF_STREAM}`),
      facts: db.prepare(`SELECT f.* ${OF_STREAM} ORDER BY p.version`),
      insert: db.prepare(
        'INSERT INTO facts (position, stream, version, type, fact, command, correlation, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      number: db.prepare('SELECT coalesce(max(number), 0) + 1 AS number FROM segments'),
      segment: db.prepare('INSERT INTO segments (number, sha256) VALUES (?, ?)'),
      archived: db.prepare('SELECT * FROM archived WHERE stream = ?'),
      add: db.prepare(`INSERT INTO archived (stream, segment, start, bytes, sha256, oldest, first, last)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
      drop: db.prepare('DELETE FROM archived WHERE stream = ?'),
    }
  }

  /** @throws Fault `journal.tombstoned`, `journal.too-large`; nothing was written */
  archive(streams: readonly string[]): number {
    // So that all have a place in the file, before and after, and no other process has to find them in the middle of the log.
    this.#places.placeAll()
    let bytes = 0
    const moved = streams.filter((stream) => {
      refuseTombstoned(this.#log.of(stream).state, stream)
      const size = this.#statements.size.get(stream)!
      bytes += Number(size['bytes'])
      return Number(size['facts']) > 0
    })
    if (bytes > MAX_SEGMENT_BYTES) {
      throw new Fault('journal.too-large', `the streams have more than ${MAX_SEGMENT_BYTES} bytes`)
    }
    if (moved.length > 0) this.#write(moved)
    return moved.length
  }

  #write(streams: readonly string[]): void {
    const number = Number(this.#statements.number.get()!['number'])
    const ends: { readonly oldest: SegmentFact; readonly first: number; readonly last: number }[] = []
    const path = segmentPath(this.#folder, number)
    const { blocks, sha256 } = writeSegment(path, number, this.#blocks(streams, ends))
    this.#statements.segment.run(number, sha256)
    for (const [i, stream] of streams.entries()) {
      const { start, bytes, sha256: own } = blocks[i]!
      const { oldest, first, last } = ends[i]!
      this.#statements.add.run(stream, number, start, bytes, own, oldest.version, first, last)
      // What the disk gives back is what will be read from now on, so it is looked at before the facts are removed.
      this.#reader.lines(this.#statements.archived.get(stream)!)
      const head = this.#log.of(stream)
      this.#log.describe(stream, { ...head, state: 'archived' })
      this.#places.remove(stream, head.version + 1)
    }
  }

  *#blocks(
    streams: readonly string[],
    ends: { oldest: SegmentFact; first: number; last: number }[],
  ): Generator<readonly SegmentFact[]> {
    for (const stream of streams) {
      const facts = this.#statements.facts.all(stream).map(segmentFactOf)
      ends.push({ oldest: facts[0]!, first: facts[0]!.position, last: facts.at(-1)!.position })
      yield facts
    }
  }

  /** @throws Fault `journal.corrupt`; the transaction must be undone */
  restore(streams: readonly string[]): number {
    const rows = streams.map((stream) => this.#statements.archived.get(stream)).filter((row) => row !== undefined)
    for (const row of rows) {
      for (const { position, stream, version, type, text, command, correlation } of this.#reader.lines(row)) {
        const sum = sumOf(text, position)
        this.#statements.insert.run(position, stream, version, type, text, command, correlation, sum)
        this.#places.placeAgain(stream, version, position)
      }
      const stream = String(row['stream'])
      this.#statements.drop.run(stream)
      this.#log.describe(stream, { ...this.#log.of(stream), state: 'live' })
    }
    return rows.length
  }
}

const segmentFactOf = (row: Record<string, SQLOutputValue>): SegmentFact => {
  const [position, text] = [Number(row['position']), String(row['fact'])]
  checkSum(text, position, row['sum'] === null ? null : Number(row['sum']))
  return {
    position,
    stream: String(row['stream']),
    version: Number(row['version']),
    type: String(row['type']),
    text,
    command: String(row['command']),
    correlation: row['correlation'] === null ? null : String(row['correlation']),
  }
}
