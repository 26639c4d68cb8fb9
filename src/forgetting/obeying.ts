import { setTimeout as pause } from 'node:timers/promises'
import type { ForgettingFact } from '../../domain/forgetting/facts.ts'
import type { Journal, Position } from '../journal/port.ts'
import type { Log } from '../log/port.ts'
import type { SubjectKeys } from './port.ts'

/** Something else than the key has to go: rows, folded states. Rejects when it could not yet; it is asked again then. */
export type OnForgotten = (position: Position, subject: string | undefined) => Promise<void> | void

export type Obeying = {
  /** Calls `listener` once now, without a subject, for what was forgotten while it was not there; then after each. */
  onForgotten(listener: OnForgotten): void
  /** Resolves when the fact at `position` was obeyed: the key is gone, and every listener is done. */
  reached(position: Position): Promise<void>
  /** Writes down how far it came. */
  close(): Promise<void>
}

export type ObeyingOptions = { readonly journal: Journal; readonly keys: SubjectKeys; readonly log: Log }

/** A position that is so far ahead is written down: the next start looks at no more facts than that again. */
const LAZY_POSITIONS = 10_000
/** Pause before what could not be done is tried again, ms; doubled each time. */
const RETRY_MS = 200
const MOST_RETRY_MS = 30_000

/**
 * Deletes the key of every subject that the log says is forgotten, whichever node wrote that; also one that came back with a backup
 * of the keys. Resolves when it has caught up with the log: nothing that was forgotten can be read from then on.
 */
export const obeyForgetting = async ({ journal, keys, log }: ObeyingOptions): Promise<Obeying> => {
  const stop = new AbortController()
  const caughtUp = Promise.withResolvers<void>()
  const listeners: OnForgotten[] = []
  const waiters = new Set<{ readonly position: Position; readonly resolve: () => void }>()
  const head = await journal.head()
  const written = keys.obeyedUpTo()
  // The keys are of another, longer log: then nothing is known of this one.
  let at = written > head ? 0 : written
  let saved = at

  /** Until it is done, or the node stops: then the next start does it. */
  const insist = async (work: () => Promise<void> | void): Promise<void> => {
    for (let wait = RETRY_MS; !stop.signal.aborted; wait = Math.min(2 * wait, MOST_RETRY_MS)) {
      try {
        return await work()
      } catch (err) {
        if (!stop.signal.aborted) log.warn({ err }, 'something that is to be forgotten is there yet; trying again')
        await pause(wait, undefined, { signal: stop.signal, ref: false }).catch(() => {})
      }
    }
  }

  const reach = (position: Position): void => {
    if (stop.signal.aborted) return
    at = position
    if (at - saved >= LAZY_POSITIONS) save()
    for (const waiter of waiters) if (waiter.position <= at && waiters.delete(waiter)) waiter.resolve()
  }

  const save = (): void => {
    keys.obeyed(at)
    saved = at
  }

  const obey = async (position: Position, { subject, at: when }: ForgettingFact): Promise<void> => {
    await insist(() => keys.forget(subject, when))
    await Promise.all(listeners.map((listener) => insist(() => listener(position, subject))))
  }

  const run = async (): Promise<void> => {
    for await (const followed of journal.follow(at, { types: ['subject.forgotten'] }, stop.signal)) {
      if (followed.kind === 'fact') {
        await obey(followed.recorded.position, followed.recorded.fact as ForgettingFact)
        reach(followed.recorded.position)
      } else {
        reach(followed.position)
        caughtUp.resolve()
      }
    }
  }

  const running = run().catch((err: unknown) => {
    caughtUp.reject(err)
    if (!stop.signal.aborted)
      log.error({ err }, 'the log is not followed for what is to be forgotten; restart the node')
  })
  await caughtUp.promise
  const starting: Promise<void>[] = []

  return {
    onForgotten(listener) {
      listeners.push(listener)
      starting.push(insist(() => listener(head, undefined)))
    },
    async reached(position) {
      if (position > at) await new Promise<void>((resolve) => waiters.add({ position, resolve }))
    },
    async close() {
      stop.abort()
      await Promise.all([running, ...starting])
      if (at > saved) save()
    },
  }
}
