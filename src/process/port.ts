import type { Position, Recorded } from '../journal/port.ts'

/**
 * Reacts to facts with effects, at least once: it must be idempotent for each fact. The runner remembers how far it came,
 * durably, so a restart goes on where it stopped.
 */
export interface Process {
  /** Names its checkpoint: never reused. */
  readonly name: string
  readonly filter?: { readonly streamPrefix?: string; readonly types?: readonly string[] }
  /** Sets its own limits to whatever it waits for: the runner waits for it, and facts behind it wait too. */
  handle(recorded: Recorded): Promise<void>
}

/** A fact that a process could not handle; it went on without it. `error` is for people, at most `MAX_ERROR_TEXT` long. */
export type Parked = {
  readonly name: string
  readonly position: Position
  readonly at: number
  readonly code: string
  readonly error: string
}

/** Characters of a parked error that are kept. */
export const MAX_ERROR_TEXT = 2_000

/** Where processes and projections stand, durable. */
export interface Checkpoints {
  /** 0 for a name not seen yet. */
  get(name: string): Position
  set(name: string, position: Position): void
  /** Puts a fact aside and moves the checkpoint behind it, as one unit. Parking it again replaces the error. */
  park(parked: Parked): void
  /** Oldest position first. */
  parked(name?: string): readonly Parked[]
  /** Removes what was handled after all; what is not there is ignored. */
  unpark(name: string, position: Position): void
  close(): void
}

/** A command to be given at a time, durable: deadlines are data. `key` is unique; setting it again moves it. */
export type Deadline = { readonly key: string; readonly at: number; readonly kind: string; readonly subject: string }

/** What is due when, durable. `at` is Unix milliseconds. */
export interface Deadlines {
  set(deadline: Deadline): void
  /** What is not set is ignored. */
  cancel(key: string): void
  /** Removes the deadline when it is still the very one: whoever fired it may meanwhile have moved it. */
  done(deadline: Deadline): void
  /** The earliest, or undefined. */
  next(): Deadline | undefined
  /** Up to `limit` with `at` <= `now`, earliest first. */
  due(now: number, limit: number): readonly Deadline[]
  /** Calls `listener` after each `set`; gives the function that stops it. */
  onSet(listener: () => void): () => void
  close(): void
}
