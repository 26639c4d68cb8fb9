import type { Clock } from '../clock/port.ts'
import type { Deadline, Deadlines } from './port.ts'
import { backoffMs, DEFAULT_RETRY, type Retry, sleepUntilAborted } from './retry.ts'

export type RunDeadlinesOptions = {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Gives the command; at least once, so it must be idempotent for each deadline. May set or cancel deadlines, also its own. */
  readonly fire: (deadline: Deadline) => Promise<void>
  /** Told of each failure; the deadline stays, and is tried again for as long as it is set. */
  readonly onFailed?: (deadline: Deadline, cause: unknown) => void
  readonly retry?: Retry
}

/** Deadlines looked at in one go. */
const DUE_LIMIT = 1_000
/** The wall clock may be set, or the machine sleep: look at least this often. */
export const LONGEST_SLEEP_MS = 30_000

type Failed = { readonly at: number; readonly failures: number; readonly again: number }

/** Fires deadlines when they are due, overdue ones at once, until `signal` is aborted. One that fails does not hold up others. */
export const runDeadlines = async (deadlines: Deadlines, options: RunDeadlinesOptions): Promise<void> => {
  const { clock, signal, fire, onFailed, retry = DEFAULT_RETRY } = options
  const failed = new Map<string, Failed>()
  let woken = new AbortController()
  const stopListening = deadlines.onSet(() => woken.abort())
  try {
    while (!signal.aborted) {
      woken = new AbortController()
      const now = clock.now()
      const due = deadlines.due(now, DUE_LIMIT + failed.size)
      for (const deadline of due) {
        if (signal.aborted) return
        const before = failed.get(deadline.key)
        if (before?.at === deadline.at && before.again > now) continue
        try {
          await fire(deadline)
          deadlines.done(deadline)
          failed.delete(deadline.key)
        } catch (cause) {
          const failures = (before?.at === deadline.at ? before.failures : 0) + 1
          failed.set(deadline.key, { at: deadline.at, failures, again: clock.now() + backoffMs(retry, failures) })
          onFailed?.(deadline, cause)
        }
      }
      forgetMissing(failed, due)
      const ms = waitMs(deadlines, failed, clock.now())
      await sleepUntilAborted(clock, ms, AbortSignal.any([signal, woken.signal]))
    }
  } finally {
    stopListening()
  }
}

/** A failed deadline that was cancelled or moved is no longer due: nothing needs to be known of it. */
const forgetMissing = (failed: Map<string, Failed>, due: readonly Deadline[]): void => {
  const keys = new Set(due.map((deadline) => deadline.key))
  for (const key of failed.keys()) if (!keys.has(key)) failed.delete(key)
}

const waitMs = (deadlines: Deadlines, failed: ReadonlyMap<string, Failed>, now: number): number => {
  const known = deadlines.due(now + LONGEST_SLEEP_MS, failed.size + 1)
  const times = known.map((one) => {
    const before = failed.get(one.key)
    return before?.at === one.at ? before.again : one.at
  })
  return Math.max(0, Math.min(now + LONGEST_SLEEP_MS, ...times) - now)
}
