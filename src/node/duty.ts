import { fenced } from '../claim/fenced.ts'
import type { Claims, Held } from '../claim/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import type { Log } from '../log/port.ts'

/** A start waits so long for its turn before it says that this node stands by, ms. */
export const STANDBY_AFTER_MS = 2_000
/** Pause before a part that could not be opened when its turn came is tried again, ms; others may have their turn meanwhile. */
const RETRY_MS = 5_000

/** A part of a node that acts on the world. `close` ends all that it does. */
export type Part = { close(): Promise<void> }

/** A part that runs in one place of all that share a log: here while this node holds the claim, else in another, or nowhere yet. */
export type Duty<P extends Part> = {
  /** Undefined while this node stands by. */
  readonly current: P | undefined
  /** Ends the part and lets others have the claim. */
  close(): Promise<void>
}

export type DutyOptions<P extends Part> = {
  /** Of the claim. */
  readonly name: string
  readonly claims: Claims
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  /** Opens the part, which writes through this journal alone: it refuses once the claim is lost. */
  readonly open: (journal: Journal) => Promise<P>
}

/**
 * Resolves when the part is open, or another node has it: then it is opened when that node gives it up or is not heard of any more.
 * @throws what `open` throws the first time: a node that cannot do its work at its start has to say so
 */
export const openDuty = async <P extends Part>(options: DutyOptions<P>): Promise<Duty<P>> => {
  const { name, claims, journal, clock, log, open } = options
  const stop = new AbortController()
  let current: P | undefined
  /** Kept or broken once: when its turn comes, and when what was done with it shows. */
  const turn = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  let isStart = true

  const work = async (held: Held): Promise<void> => {
    turn.resolve()
    current = await open(fenced(journal, held))
    opened.resolve()
    await aborted(held.signal)
    const part = current
    current = undefined
    await part.close()
  }

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let held: Held | undefined
      try {
        held = await claims.hold(name, stop.signal)
        await work(held)
        if (!stop.signal.aborted) log.warn({ claim: name }, 'another node does this now; this one stands by')
      } catch (err) {
        if (isStart) throw err
        if (!stop.signal.aborted) log.error({ claim: name, err }, 'this node cannot do it; trying again')
      } finally {
        await held?.release()
      }
      await clock.sleep(RETRY_MS, stop.signal).catch(() => {})
    }
  }
  const running = run().catch((err: unknown) => {
    turn.resolve()
    opened.reject(err)
  })
  const decided = new AbortController()
  const late = clock.sleep(STANDBY_AFTER_MS, decided.signal).then(
    () => true,
    () => false,
  )
  const standsBy = await Promise.race([turn.promise.then(() => false), late])
  decided.abort(new Error('it is decided'))
  if (standsBy) log.info({ claim: name }, 'another node on this log does this; this one stands by')
  else await opened.promise
  isStart = false
  return {
    get current() {
      return current
    },
    async close() {
      stop.abort(new Error('the node stops'))
      await running
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
