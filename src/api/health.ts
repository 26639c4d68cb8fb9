import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Position } from '../journal/port.ts'
import type { Projector, TableState } from '../projector/port.ts'

/** A node is ready while its rows are at most so many facts behind the log. */
export const READY_LAG_FACTS = 1_000
/** A log that does not answer in this time counts as away, ms: probes wait for seconds at the most. */
export const READY_WAIT_MS = 2_000

/**
 * What `/readyz` tells. `reason`: the code of a fault, `projector.behind` or `projector.stopped`; `next` is for the operator. `head` is
 * absent while the log does not answer.
 */
export type Readiness = {
  readonly ok: boolean
  readonly position: Position
  readonly head?: Position
  readonly reason?: string
  readonly next?: string
  readonly tables: readonly TableReadiness[]
}

/**
 * One table. `building`: it has no whole rows yet; `outdated`: it has those of an earlier version; `stopped` says why it, or the build
 * that will take its place, stands still. Codes only: what went wrong in full is for who has the token (`projections`).
 */
export type TableReadiness = {
  readonly name: string
  readonly state: 'current' | 'behind' | 'building' | 'outdated' | 'stopped'
  readonly position: Position
  /** Positions of the log that the rows do not contain yet; absent while the log does not answer. */
  readonly behind?: number
  readonly stopped?: {
    readonly code: string
    readonly position: Position
    readonly since: string
    readonly retrying: boolean
  }
  /** Up to where the build beside the rows is. */
  readonly built?: Position
}

type Asked = {
  readonly projector: Pick<Projector, 'position' | 'states'>
  readonly journal: Pick<Journal, 'head' | 'readAll'>
  readonly clock: Clock
}

/** Ready: the log answers, and the rows are near its head. */
export const readinessOf = async ({ projector, journal, clock }: Asked): Promise<Readiness> => {
  const position = projector.position()
  const states = projector.states()
  const ask = async (): Promise<Readiness> => {
    const head = await journal.head()
    const tables = states.map((state) => tableOf(state, head))
    const ready = { ok: true, position, head, tables }
    if (head - position <= READY_LAG_FACTS) return ready
    // Positions may have gaps, as KurrentDB's do: only facts tell how far it is.
    const missing = await journal.readAll(position, undefined, READY_LAG_FACTS + 1)
    if (missing.length <= READY_LAG_FACTS) return ready
    const waits = tables.every(({ state, stopped }) => state !== 'stopped' || stopped?.retrying === true)
    return waits
      ? { ...ready, ok: false, reason: 'projector.behind', next: 'Wait until the rows are folded.' }
      : { ...ready, ok: false, reason: 'projector.stopped', next: STOPPED_NEXT }
  }
  const answered = new AbortController()
  const late = clock.sleep(READY_WAIT_MS, answered.signal).then(() => {
    throw new Fault('journal.unavailable', 'the log does not answer in time', { next: 'See the log’s server or disk.' })
  })
  late.catch(() => {})
  try {
    return await Promise.race([ask(), late])
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const tables = states.map((state) => tableOf(state, undefined))
    return { ok: false, position, reason: error.code, next: error.next, tables }
  } finally {
    answered.abort()
  }
}

const STOPPED_NEXT = '`zennet projections ls` says why each stands still, and how to let it go on.'

const tableOf = (
  { name, position, readable, outdated, stopped, building }: TableState,
  head: Position | undefined,
): TableReadiness => {
  const halt = stopped ?? building?.stopped
  const behind = head === undefined ? undefined : Math.max(0, head - position)
  const lags = behind !== undefined && behind > 0
  return {
    name,
    state: halt ? 'stopped' : readable ? (outdated ? 'outdated' : lags ? 'behind' : 'current') : 'building',
    position,
    ...(behind === undefined ? {} : { behind }),
    ...(halt
      ? {
          stopped: {
            code: halt.code,
            position: halt.position,
            since: new Date(halt.since).toISOString(),
            retrying: halt.retrying,
          },
        }
      : {}),
    ...(building ? { built: building.position } : {}),
  }
}
