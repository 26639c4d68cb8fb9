import { setTimeout as pause } from 'node:timers/promises'
import type { RecordedEvent } from '@kurrent/kurrentdb-client'
import { asked, type Kurrentdb } from './kurrentdb-client.ts'
import { causesOf, positionOf } from './kurrentdb-event.ts'
import type { KurrentdbPlace } from './kurrentdb-url.ts'
import type { Position } from './port.ts'

/** First and longest pause before the server is tried again. */
export const RETRY_MS = { first: 50, longest: 5_000 } as const

/** Doubles with each failure, and ends at once when `signal` is aborted. */
export const retryPause = async (failures: number, signal: AbortSignal): Promise<void> => {
  const ms = Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** Math.min(failures, 10))
  await pause(ms, undefined, { signal }).catch(() => {})
}

export type Heard = { readonly position: Position; readonly commandId: string | undefined }

type Listening = {
  readonly kurrentdb: Kurrentdb
  readonly place: KurrentdbPlace
  /** What is before it is known. */
  readonly after: Position
  readonly heard: (heard: Heard) => void
  readonly signal: AbortSignal
}

/**
 * One catch-up subscription for the whole log, for as long as it is open: it tells that there is something to read, and nothing
 * is read from it, so it holds nothing back and needs no buffer. When the connection is lost it goes on behind what it heard last.
 */
export const listen = async ({ kurrentdb, place, after, heard, signal }: Listening): Promise<void> => {
  let at = after
  for (let failures = 0; !signal.aborted; failures++) {
    await subscription({
      kurrentdb,
      place,
      after: at,
      signal,
      heard: (one) => {
        failures = 0
        at = one.position
        heard(one)
      },
    })
    await retryPause(failures, signal)
  }
}

/** Resolves when it is over, for whatever reason. */
const subscription = async ({ kurrentdb, place, after, heard, signal }: Listening): Promise<void> => {
  const { client, streamNameFilter } = kurrentdb
  // Tells in time whether there is a server: a subscription itself has no deadline.
  const reached = await asked(place.shown, () => client['getChannel']()).catch(() => undefined)
  if (!reached || signal.aborted) return
  const subscribed = client.subscribeToAll({
    fromPosition: after === 0 ? 'start' : { commit: BigInt(after), prepare: BigInt(after) },
    filter: streamNameFilter({ prefixes: [place.prefix] }),
    requiresLeader: true,
  })
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      signal.removeEventListener('abort', stop)
      subscribed.unsubscribe().catch(() => {})
      subscribed.destroy()
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
    subscribed.on('data', ({ event }) => {
      if (!event) return
      const recorded = event as RecordedEvent
      heard({ position: positionOf(recorded), commandId: causesOf(recorded).commandId })
    })
    for (const over of ['error', 'end', 'close'] as const) subscribed.on(over, stop)
  })
}
