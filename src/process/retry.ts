import type { Clock } from '../clock/port.ts'

/** How a failed effect is tried again: after `firstMs`, then twice as long each time, never longer than `maxMs`. */
export type Retry = { readonly attempts: number; readonly firstMs: number; readonly maxMs: number }

/** Eight attempts in about 25 s: longer than a daemon's restart, short enough that facts behind it do not wait for ever. */
export const DEFAULT_RETRY: Retry = { attempts: 8, firstMs: 200, maxMs: 30_000 }

export const backoffMs = ({ firstMs, maxMs }: Retry, failures: number): number =>
  Math.min(maxMs, firstMs * 2 ** (failures - 1))

/** Sleeps unless, or until, `signal` is aborted; never throws for that. */
export const sleepUntilAborted = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return
  try {
    await clock.sleep(ms, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
