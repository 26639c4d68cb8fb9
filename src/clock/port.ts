/** The only source of time. Facts carry what it said; nothing in `domain/` asks it. */
export interface Clock {
  /** Wall clock, Unix milliseconds. */
  now(): number
  /** Steady clock, microseconds since an arbitrary start; never goes back. For billing intervals. */
  steadyUs(): number
  /** Resolves after `ms`, or rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
