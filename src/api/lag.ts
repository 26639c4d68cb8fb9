import type { Clock } from '../clock/port.ts'
import type { Journal, Position } from '../journal/port.ts'
import type { Projector, TableState } from '../projector/port.ts'

/** How far a table's rows are behind the log. */
export type Lag = {
  readonly state: TableState
  readonly head: Position
  /** Positions of the log that the rows do not contain yet: facts, where the log has no gaps. */
  readonly behind: number
  /** Age of the oldest fact that the rows do not contain yet; 0 when they contain all. */
  readonly behindMs: number
  readonly building?: Progress
}

/** How far a new build is. */
export type Progress = {
  readonly percent: number
  /** At the speed so far; absent until there is one, and while it stands still. */
  readonly leftMs?: number
}

type Asked = { readonly projector: Projector; readonly journal: Journal; readonly clock: Clock }

/** Of every table. The log is asked once for each place at which tables are behind. */
export const lagsOf = async ({ projector, journal, clock }: Asked): Promise<readonly Lag[]> => {
  const states = projector.states()
  const head = await journal.head()
  const now = clock.now()
  const ages = new Map<Position, Promise<number>>()
  const ageBehind = async (position: Position): Promise<number> => {
    const [oldest] = await journal.readAll(position, undefined, 1)
    return oldest === undefined ? 0 : Math.max(0, now - oldest.fact.at)
  }
  return Promise.all(
    states.map(async (state): Promise<Lag> => {
      const { position, building } = state
      const age = position >= head ? Promise.resolve(0) : (ages.get(position) ?? ageBehind(position))
      ages.set(position, age)
      return {
        state,
        // It may have gone on while the log was asked.
        head: Math.max(head, position),
        behind: Math.max(0, head - position),
        behindMs: await age,
        ...(building ? { building: progressOf(building, head, now) } : {}),
      }
    }),
  )
}

const progressOf = (
  { position, began, since, stopped }: NonNullable<TableState['building']>,
  head: Position,
  now: number,
): Progress => {
  const percent = head === 0 ? 100 : Math.min(100, Math.floor((position * 100) / head))
  const done = position - began
  const tookMs = now - since
  if (stopped || done <= 0 || tookMs <= 0) return { percent }
  return { percent, leftMs: Math.round(((head - position) * tookMs) / done) }
}
