import type { Clock } from '../../src/clock/port.ts'

type Sleeper = { readonly until: number; readonly wake: () => void }

/** A clock that goes only when it is told to. */
export const steppedClock = (start = 1_000_000) => {
  let now = start
  let jumped = 0
  const sleepers = new Set<Sleeper>()
  const slept: number[] = []
  const watchers = new Set<() => void>()
  const clock: Clock = {
    now: () => now + jumped,
    steadyUs: () => now * 1_000,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const over = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', abort)
        }
        const abort = () => {
          over()
          reject(signal?.reason)
        }
        const wake = () => {
          over()
          resolve()
        }
        const sleeper = { until: now + ms, wake }
        sleepers.add(sleeper)
        slept.push(ms)
        signal?.addEventListener('abort', abort, { once: true })
        for (const watcher of watchers) watcher()
      }),
  }
  return {
    clock,
    /** How long each sleep was to be. */
    slept,
    /** Resolves when somebody sleeps until `until` exactly, of the steady clock. */
    asleepUntil: (until: number): Promise<void> =>
      new Promise((resolve) => {
        const look = () => {
          if (![...sleepers].some((sleeper) => sleeper.until === until)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
    /** Somebody sets the wall clock; the steady one does not notice. */
    jump(ms: number): void {
      jumped += ms
    },
    advance(ms: number): void {
      now += ms
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake()
    },
  }
}

/** A clock on which every sleep is over at once, and has taken its time. */
export const hastyClock = () => {
  const slept: number[] = []
  let now = 1_000_000
  const clock: Clock = {
    now: () => now,
    steadyUs: () => now * 1_000,
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
    },
  }
  return { clock, slept }
}
