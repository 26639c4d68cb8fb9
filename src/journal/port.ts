import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'

/** Place of a fact in the whole log: 1, 2, 3 … without gaps, totally ordered. 0 is before everything. */
export type Position = number

/** A fact as it stands in the log. */
export type Recorded<F extends Fact = Fact> = {
  readonly position: Position
  readonly stream: string
  /** 1 for the first fact of a stream. */
  readonly version: number
  readonly fact: F
  /** What the command that caused it was; facts of one command share it. `at-<position>` when the writer gave none. */
  readonly commandId: string
  /** The chain of causes that it belongs to (a lease id, a request id); the command id when the writer gave none. */
  readonly correlationId: string
}

/**
 * Facts for one stream. `expected` is the version that the stream must now have (0: not yet begun).
 */
export type Append = { readonly stream: string; readonly expected: number; readonly facts: readonly Fact[] }

export type AppendOptions = {
  /** Idempotency key, at most 200 characters: a command id that was appended before changes nothing and answers as before. */
  readonly commandId?: string
  readonly correlationId?: string
}

/** Which facts a reader wants; an absent field lets everything through. */
export type Filter = { readonly streamPrefix?: string; readonly types?: readonly string[] }

/** A follower sees facts, and once or more `caught-up` when it has seen all there were at that moment. */
export type Followed =
  | { readonly kind: 'fact'; readonly recorded: Recorded }
  | { readonly kind: 'caught-up'; readonly position: Position }

/** One fact, encoded, may have this many bytes at the most. */
export const MAX_FACT_BYTES = 1_048_576
/** Facts in one `transact`. */
export const MAX_APPEND_FACTS = 10_000
/** All facts of one `transact`, encoded. */
export const MAX_APPEND_BYTES = 67_108_864
/** Command and correlation ids, in characters. */
export const MAX_COMMAND_ID = 200
/** So many command ids are remembered at least; a repetition after that many other commands is a new command. */
export const COMMANDS_REMEMBERED = 100_000
/** Facts that one `readAll` gives at the most, and when no limit is named. */
export const MAX_READ_FACTS = 10_000
/** Stream names: `kind-id`, this long at the most, `[a-z0-9.:_-]`. */
export const MAX_STREAM_NAME = 200

/** The event log: the truth of a node. Acknowledged means fsync'd. */
export interface Journal {
  /**
   * Appends to several streams as one unit: all or nothing, with optimistic concurrency on each.
   * An append without facts only checks its stream's version.
   * @returns position of the last fact written (for a repeated `commandId`, that of the first time; without facts, the head)
   * @throws Conflict when a stream has another version; nothing is written
   * @throws Fault `journal.too-large`, `journal.bad-stream`, `journal.bad-fact`, `journal.bad-command`, `journal.locked`,
   *   `journal.busy`, `journal.disk-full`, `journal.corrupt`, `journal.closed`, `journal.failed`; nothing is written
   */
  transact(appends: readonly Append[], options?: AppendOptions): Promise<Position>
  /** Facts of one stream with version > `afterVersion`, oldest first. An unknown stream is empty. */
  read(stream: string, afterVersion?: number): Promise<Recorded[]>
  /** Up to `limit` facts with position > `after`, in total order. */
  readAll(after: Position, filter?: Filter, limit?: number): Promise<Recorded[]>
  /**
   * Catch-up after `after`, then live, without gap or duplicate; ends when `signal` is aborted.
   * @throws Fault `journal.closed` when the journal is closed first
   */
  follow(after: Position, filter: Filter | undefined, signal: AbortSignal): AsyncIterable<Followed>
  /** Position of the newest fact. */
  head(): Promise<Position>
  /** What was accepted before is finished first; a second call does nothing. */
  close(): Promise<void>
}

/** Someone else appended first: read again, decide again. */
export class Conflict extends Fault {
  readonly stream: string
  readonly expected: number
  readonly actual: number
  constructor(stream: string, expected: number, actual: number) {
    super('journal.conflict', `stream ${stream} is at version ${actual}, not ${expected}`, {
      next: 'Read the stream again and decide again.',
    })
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}
