import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Position } from '../journal/port.ts'
import type { Projector } from '../projector/port.ts'

/** A node is ready while its rows are at most so many facts behind the log. */
export const READY_LAG_FACTS = 1_000
/** A log that does not answer in this time counts as away, ms: probes wait for seconds at the most. */
export const READY_WAIT_MS = 2_000

/**
 * What `/readyz` tells. `reason`: the code of a fault, or `projector.behind`; `next` is for the operator. `head` is absent while the
 * log does not answer.
 */
export type Readiness = {
  readonly ok: boolean
  readonly position: Position
  readonly head?: Position
  readonly reason?: string
  readonly next?: string
}

type Asked = {
  readonly projector: Pick<Projector, 'position'>
  readonly journal: Pick<Journal, 'head' | 'readAll'>
  readonly clock: Clock
}

/** Ready: the log answers, and the rows are near its head. */
export const readinessOf = async ({ projector, journal, clock }: Asked): Promise<Readiness> => {
  const position = projector.position()
  const ask = async (): Promise<Readiness> => {
    const head = await journal.head()
    if (head - position <= READY_LAG_FACTS) return { ok: true, position, head }
    // Positions may have gaps, as KurrentDB's do: only facts tell how far it is.
    const missing = await journal.readAll(position, undefined, READY_LAG_FACTS + 1)
    if (missing.length <= READY_LAG_FACTS) return { ok: true, position, head }
    return { ok: false, position, head, reason: 'projector.behind', next: 'Wait until the rows are folded.' }
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
    return { ok: false, position, reason: error.code, next: error.next }
  } finally {
    answered.abort()
  }
}
