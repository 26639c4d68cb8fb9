import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { passes } from './follow.ts'
import type { Filter, Position } from './port.ts'
import { readBlock, type SegmentFact, segmentPath } from './segment.ts'
import type { TypedStored } from './store.ts'

type Row = Record<string, SQLOutputValue>

/** Archived streams kept in memory, in bytes of their lines: a scan passes the same ones window after window. */
export const ARCHIVE_CACHE_BYTES = 33_554_432

type Kept = { readonly facts: readonly TypedStored[]; readonly bytes: number }

/** Reads archived streams. Each is checked against its SHA-256 when it comes from the disk. */
export class ArchiveReader {
  readonly #folder: string
  readonly #kept = new Map<string, Kept>()
  #keptBytes = 0
  readonly #statements

  constructor(db: DatabaseSync, folder: string) {
    this.#folder = folder
    this.#statements = {
      // The widest stream bounds how far behind `last` a stream that reaches into the window can begin: an index range, not a scan.
      span: db.prepare('SELECT max(last - first) AS span FROM archived'),
      overlapping: db.prepare(
        'SELECT * FROM archived WHERE last > ?1 AND last <= ?2 + ?3 AND first <= ?2 ORDER BY last',
      ),
      stream: db.prepare('SELECT * FROM archived WHERE stream = ?'),
    }
  }

  /** Facts of an archived stream, oldest first; undefined when it is not archived. */
  stream(stream: string): TypedStored[] | undefined {
    const row = this.#statements.stream.get(stream)
    return row === undefined ? undefined : [...this.#facts(row)]
  }

  oldest(stream: string): number {
    return Number(this.#statements.stream.get(stream)?.['oldest'] ?? 0)
  }

  /** Archived facts with `after` < position <= `upTo` that pass the filter, in no order. */
  window(after: Position, upTo: Position, filter: Filter | undefined): TypedStored[] {
    const span = this.#statements.span.get()?.['span'] ?? null
    if (span === null) return []
    const prefix = filter?.streamPrefix ?? ''
    return this.#statements.overlapping
      .all(after, upTo, span)
      .filter((row) => String(row['stream']).startsWith(prefix))
      .flatMap((row) => this.#facts(row))
      .filter(({ position, stream, type }) => position > after && position <= upTo && passes(filter, stream, type))
  }

  #facts(row: Row): readonly TypedStored[] {
    const key = `${row['segment']} ${row['start']}`
    const kept = this.#kept.get(key) ?? { facts: this.lines(row).map(storedOf), bytes: Number(row['bytes']) }
    if (!this.#kept.delete(key)) this.#keptBytes += kept.bytes
    this.#kept.set(key, kept)
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#keptBytes <= ARCHIVE_CACHE_BYTES || this.#kept.size === 1) break
      this.#kept.delete(oldest)
      this.#keptBytes -= bytes
    }
    return kept.facts
  }

  /** A stream's lines from the disk. @throws Fault `journal.corrupt` */
  lines(row: Row): SegmentFact[] {
    const block = { start: Number(row['start']), bytes: Number(row['bytes']), sha256: String(row['sha256']) }
    return readBlock(segmentPath(this.#folder, Number(row['segment'])), block)
  }
}

const storedOf = ({ command, correlation, ...fact }: SegmentFact): TypedStored => ({
  ...fact,
  commandId: command,
  correlationId: correlation ?? command,
})
