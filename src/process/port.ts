import type { Position, Recorded } from '../journal/port.ts'

/**
 * Reacts to facts with effects, at least once: it must be idempotent for each fact. The runner remembers how far it came,
 * durably, so a restart goes on where it stopped.
 */
export interface Process {
  /** Names its checkpoint: never reused. */
  readonly name: string
  readonly filter?: { readonly streamPrefix?: string; readonly types?: readonly string[] }
  handle(recorded: Recorded): Promise<void>
}

/** Where processes and projections stand, durable. */
export interface Checkpoints {
  get(name: string): Position
  set(name: string, position: Position): void
}

/** A command to be given at a time, durable: deadlines are data. `key` is unique; setting it again moves it. */
export type Deadline = { readonly key: string; readonly at: number; readonly kind: string; readonly subject: string }
