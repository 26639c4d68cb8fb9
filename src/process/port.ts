/** Something that is to be done in the world because of facts in the log: see `domain/effect/facts.ts`. */
export type Effect = {
  readonly id: string
  readonly kind: string
  readonly subject: string
}

/** How a failed effect is tried again: after `firstMs`, then twice as long each time, never longer than `maxMs`; then it is parked. */
export type Retry = { readonly attempts: number; readonly firstMs: number; readonly maxMs: number }

/** It is not the time yet, which is no failure: ask again after so long. */
export type NotYet = { readonly againMs: number }

/** Does the effects of one kind. */
export interface EffectKind {
  /**
   * At least once for each effect, so it must be idempotent for it, by its id or by what is true of its subject. Sets its own limits
   * to whatever it waits for: other effects for the same subject wait for it.
   */
  do(effect: Effect): Promise<NotYet | undefined>
  /** Absent: `DEFAULT_RETRY`. */
  readonly retry?: Retry
  /** Something that it needs is away: it is tried again for as long as it takes, and never parked for that. */
  isAway?(error: unknown): boolean
}

/** By kind (`domain/effect/kinds.ts`). */
export type EffectKinds = Readonly<Record<string, EffectKind>>

/** Told of what operators count. */
export interface ProcessCounts {
  /** An effect of this kind failed, and is tried again. */
  retried(kind: string): void
  /** The wall clock went on by so many ms more, or less, than the steady one. */
  jumped(ms: number): void
}

/** Effects that are held in memory at once: of more, the log is read on when some are done. */
export const MAX_OPEN_EFFECTS = 10_000
/** Effects that are done at once. */
export const MAX_AT_ONCE = 8
/** The wall clock may be set, or the machine sleep: timers are looked at at least this often, ms. */
export const LOOK_MS = 5_000
/** By so much the clocks must part between two looks to count as a jump, ms. They drift by less than a thousandth. */
export const JUMP_MS = 1_000
