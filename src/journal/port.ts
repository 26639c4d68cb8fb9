import type { Fact } from '../../domain/fact.ts'
import { Fault } from '../../domain/fault.ts'

/**
 * Place of a fact in the whole log: given out as 1, 2, 3 … without gaps, totally ordered, never twice. 0 is before everything.
 * Where facts were removed (`Retaining`), their positions stay empty. On KurrentDB they only grow, with gaps from the beginning
 * (decision 0015): compare positions, and do not count with them.
 */
export type Position = number

/**
 * How the personal fields of a fact came out of the log: opened with the subject's key, `plain` as they were written before there
 * were keys, `hidden` from a node that has no key, or `forgotten` with it.
 */
export type Personal = 'open' | 'plain' | 'hidden' | 'forgotten'

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
  /** Absent when facts of this type have no personal fields. */
  readonly personal?: Personal
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

/**
 * Which facts a reader wants; an absent field lets everything through. `quiet`: a follower need not be told that it has caught up with
 * facts that do not pass, so it is not woken by each commit.
 */
export type Filter = { readonly streamPrefix?: string; readonly types?: readonly string[]; readonly quiet?: true }

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
/** Facts that one `readAll`, or one read of a stream with a limit, gives at the most, and when no limit is named. */
export const MAX_READ_FACTS = 10_000
/** A read with a limit ends early when its facts have so many bytes; it gives at least one fact when there is one. */
export const MAX_READ_BYTES = 67_108_864
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
  /**
   * Facts of one stream with version > `afterVersion`, oldest first. An unknown stream is empty. Without `limit`, all there are.
   * With one, only an empty answer says that there is no more: see `MAX_READ_BYTES`.
   */
  read(stream: string, afterVersion?: number, limit?: number): Promise<Recorded[]>
  /** Up to `limit` facts of one stream with version < `beforeVersion` (absent: from the newest), newest first. */
  readBackward(stream: string, beforeVersion?: number, limit?: number): Promise<Recorded[]>
  /** Up to `limit` facts with position > `after`, in total order. Only an empty answer says that there is no more. */
  readAll(after: Position, filter?: Filter, limit?: number): Promise<Recorded[]>
  /** Up to `limit` facts with position < `before` (absent: from the newest), newest first. */
  readAllBackward(before?: Position, filter?: Filter, limit?: number): Promise<Recorded[]>
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

/**
 * What is kept of a stream, now and after each later append. `newest`: so many facts, 1 or more. `before`: none with a lower
 * version. Both: what both let stay. Neither: everything from now on; what was removed does not come back.
 */
export type Retention = { readonly newest?: number; readonly before?: number }

/** A stream as a whole. */
export type StreamInfo = {
  /** Of the newest fact that was ever written; 0 for a stream not yet begun. */
  readonly version: number
  /** Version of the oldest fact that can be read; 0 when none can. */
  readonly oldest: number
  readonly retention: Retention
  /** `tombstoned`: removed for ever. `archived`: see `Archiving`. */
  readonly state: 'live' | 'archived' | 'tombstoned'
}

/**
 * A journal that can let go of facts. Removed facts are gone from every read; positions and versions go on as if they were there,
 * and followers that had not yet seen them never will. Fold what must be remembered, or write it down in a newer fact, first.
 */
export interface Retaining {
  /**
   * Sets what is kept of a stream, and removes the rest in the same commit. The stream need not have begun.
   * @throws Fault `journal.bad-retention`, `journal.bad-stream`, `journal.archived`, `journal.tombstoned`, and as `transact`
   */
  retain(stream: string, retention: Retention): Promise<void>
  /**
   * Removes a stream for ever: it reads as empty, and appending to it is refused with `journal.tombstoned`. A second time does
   * nothing. Readers are not told: append a fact that says so first, if they must know.
   * @throws Conflict when the stream has another version than `expected`
   * @throws Fault `journal.bad-stream`, `journal.archived`, and as `transact`
   */
  tombstone(stream: string, expected: number): Promise<void>
  /** @throws Fault `journal.bad-stream` */
  describe(stream: string): Promise<StreamInfo>
}

/** Streams that one `archive` or `restore` moves. */
export const MAX_ARCHIVE_STREAMS = 10_000

/**
 * A journal that can move streams which will not grow out of its live file, and back. Archived facts are still part of the log:
 * every read and follower gives them, at their positions, only slower. Appending facts to them is refused (`journal.archived`).
 */
export interface Archiving {
  /**
   * Moves whole streams to one archive file, all or none; those already there, or without facts, are left alone.
   * @returns how many streams were moved
   * @throws Fault `journal.tombstoned`, `journal.too-large` (streams or bytes of one call), `journal.bad-stream`,
   *   `journal.disk-full`, and as `transact`
   */
  archive(streams: readonly string[]): Promise<number>
  /**
   * Moves archived streams back, byte for byte; others are left alone.
   * @returns how many streams were moved
   * @throws Fault `journal.corrupt` when the archive is not what was written; nothing is moved
   */
  restore(streams: readonly string[]): Promise<number>
}

/** The log cannot be asked, or takes nothing, and that may pass: what failed may be tried again as it is, with its command id. */
const AWAY: readonly string[] = ['journal.unavailable', 'journal.busy', 'journal.locked', 'journal.disk-full']
export const isAway = (error: unknown): boolean => error instanceof Fault && AWAY.includes(error.code)

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
