import { Fault } from '../../domain/fault.ts'
import { POLL_MS } from './limits.ts'

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The promise, or a `machine.unavailable` fault when it takes longer than `limitMs`. */
export const within = async <T>(limitMs: number, what: string, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Fault('machine.unavailable', `${what} took longer than ${limitMs} ms`, {
          culprit: 'provider',
          next: 'See whether the host is overloaded or Docker hangs.',
        }),
      )
    }, limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks until the answer is true, at the most for `limitMs`. @returns whether it became true */
export const until = async (limitMs: number, ask: () => boolean | Promise<boolean>): Promise<boolean> => {
  const end = performance.now() + limitMs
  for (;;) {
    if (await ask()) return true
    if (performance.now() > end) return false
    await pause(POLL_MS)
  }
}

/** Work on one key happens in the order in which it was asked for, never at once: create and remove of the same lease. */
export const inTurn = (): (<T>(key: string, work: () => Promise<T>) => Promise<T>) => {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work)
    const settled = mine.then(
      () => {},
      () => {},
    )
    last.set(key, settled)
    settled.then(() => last.get(key) === settled && last.delete(key))
    return mine
  }
}
