import type { Filter, Position, Recorded, Retention, StreamInfo } from './port.ts'
import type { Prepared } from './prepared.ts'

/** A fact as a store keeps it: its text as it was written, in whatever schema version that was. */
export type Stored = Omit<Recorded, 'fact' | 'personal'> & { readonly text: string }
/** With its type, for whoever filters. */
export type TypedStored = Stored & { readonly type: string }

/** One thing to be written. Those given first are done first. */
export type Change =
  | { readonly kind: 'transact'; readonly transact: Prepared }
  | { readonly kind: 'retain'; readonly stream: string; readonly retention: Retention }
  | { readonly kind: 'tombstone'; readonly stream: string; readonly expected: number }
  | { readonly kind: 'archive' | 'restore'; readonly streams: readonly string[] }

/** Facts of one stream with `after` < version < `before`. */
export type StreamRange = {
  readonly stream: string
  readonly after: number
  readonly before: number
  readonly limit: number
  readonly backward: boolean
}

/** Facts of the whole log with `after` < position < `before` that pass a filter. */
export type LogRange = {
  readonly after: Position
  readonly before: Position
  readonly filter: Filter | undefined
  readonly limit: number
  readonly backward: boolean
}

/**
 * A piece of what was asked for. `upTo`: everything has been looked at from where the range began up to this version or
 * position, inclusive. `more`: there may be some behind it.
 */
export type Piece = { readonly facts: readonly Stored[]; readonly upTo: number; readonly more: boolean }

/** A piece of a read holds at most so many facts, ends with the one that reaches so many bytes, and looks at so many positions. */
export const PIECE_FACTS = 1_000
export const PIECE_BYTES = 8_388_608

/** What an engine does, in stored facts; `journalOf` makes a journal of it. Faults and limits as in the port. */
export interface Store {
  /** @returns for a transact its position, for `archive` and `restore` the number of streams, else 0 */
  change(change: Change): Promise<number>
  stream(range: StreamRange): Promise<Piece>
  scan(range: LogRange): Promise<Piece>
  describe(stream: string): Promise<StreamInfo>
  head(): Promise<Position>
  /**
   * Resolves when there is a fact after `after`, the store is closed or failed, or `signal` is aborted.
   * @param wanted may be left out of account: facts that do not pass need wake nobody
   */
  beyond(after: Position, signal: AbortSignal, wanted?: Filter): Promise<void>
  /** Lets others have their turn between two pieces; absent: a turn of the event loop. */
  breathe?(): Promise<void>
  /** Does what was accepted first. */
  close(): Promise<void>
}

/** The first of the rows, which are in the order of the range, as far as one piece goes; they may come in chunks. */
export const pieceFrom = <Row>(
  chunks: Iterable<readonly Row[]>,
  storedOf: (row: Row) => Stored,
  limit: number,
  upTo: number,
  more: boolean,
  at: (stored: Stored) => number,
): Piece => {
  const facts: Stored[] = []
  let bytes = 0
  const most = Math.min(limit, PIECE_FACTS)
  for (const rows of chunks) {
    for (const row of rows) {
      const stored = storedOf(row)
      facts.push(stored)
      bytes += stored.text.length
      if (facts.length >= most || bytes >= PIECE_BYTES) return { facts, upTo: at(stored), more: true }
    }
  }
  return { facts, upTo, more }
}

export const pieceOf = (
  facts: readonly Stored[],
  limit: number,
  upTo: number,
  more: boolean,
  at: (stored: Stored) => number,
): Piece => pieceFrom([facts], (stored) => stored, limit, upTo, more, at)
