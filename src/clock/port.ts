/** The only source of time. Facts carry what it said; nothing in `domain/` asks it. */
export interface Clock {
  /** Wall clock, Unix milliseconds. */
  now(): number
  /** Steady clock, microseconds since an arbitrary start; never goes back. For billing intervals. */
  steadyUs(): number
  /** Resolves after `ms`, or rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * Sleeps unless, or until, one of `signals` is aborted; never throws for that. Not by `AbortSignal.any`: that one keeps whoever listens
 * alive for ever where nobody aborts, and costs several times as much.
 */
export const sleepUntilAborted = async (
  clock: Clock,
  ms: number,
  ...signals: readonly AbortSignal[]
): Promise<void> => {
  if (signals.some(({ aborted }) => aborted)) return
  if (signals.length === 1) return await sleepUntil(clock, ms, signals[0]!)
  const woken = new AbortController()
  const wake = () => woken.abort(WOKEN)
  for (const signal of signals) signal.addEventListener('abort', wake, { once: true })
  await sleepUntil(clock, ms, woken.signal).finally(() => {
    for (const signal of signals) signal.removeEventListener('abort', wake)
  })
}

const sleepUntil = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await clock.sleep(ms, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** A reason that nobody sees: without one, each abort makes an error and its stack. */
const WOKEN = 'woken'
