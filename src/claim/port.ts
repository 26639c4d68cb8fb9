import type { Append } from '../journal/port.ts'

/** An owner that was not heard of for so long loses its claims, ms. */
export const CLAIM_TTL_MS = 10_000

/** A work that this node, and no other, may do for now. */
export interface Held {
  readonly name: string
  /** Aborted when the claim is lost or released, or its holder is stopped. May come late: see `check`. */
  readonly signal: AbortSignal
  /**
   * Belongs into every unit that the holder writes, as `also` or among the appends: the log then refuses the unit, with a
   * Conflict on the claim's stream, once another has taken over. Empty where there can be no other.
   */
  readonly guard: readonly Append[]
  /**
   * Asks the steady clock: a process that was stopped for a while has timers that do not know of it yet.
   * Call it right before acting on the world.
   * @throws Fault `claim.lost`
   */
  check(): void
  /** Ends it when `error` is the log's refusal of the guard. @returns whether it is lost */
  isLost(error: unknown): boolean
  /** Lets others have it at once. Call it when the work is over, also after a loss; never throws, a second time does nothing. */
  release(): Promise<void>
}

/** Who does what, among nodes that share a log. */
export interface Claims {
  /**
   * Waits until this node has `name`. Its name is part of a stream's: `[a-z0-9.:_-]`.
   * @throws the signal's reason when it is aborted first
   */
  hold(name: string, signal: AbortSignal): Promise<Held>
  /** Gives back what is still held. */
  close(): Promise<void>
}
