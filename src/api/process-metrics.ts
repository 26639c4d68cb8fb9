import { effects } from '../../projections/effects.ts'
import { timers } from '../../projections/timers.ts'
import type { Clock } from '../clock/port.ts'
import type { Projector } from '../projector/port.ts'
import type { Metrics } from './metrics.ts'

/** What waits to be done, and what stands still: asked of the rows when somebody looks. */
export const measureProcesses = (
  metrics: Metrics,
  { projector, clock }: { readonly projector: Projector; readonly clock: Clock },
): void => {
  const states = projector.states()
  metrics.stoppedProjections.set(states.filter(({ stopped, building }) => stopped ?? building?.stopped).length)
  // While rows are built for the first time there is nothing to count.
  const isReadable = (name: string): boolean => states.some((table) => table.name === name && table.readable)
  if (isReadable(timers.name)) metrics.timers.set(projector.count(timers, { state: 'set' }))
  if (!isReadable(effects.name)) return
  for (const state of ['open', 'parked'] as const) metrics.effects.set({ state }, projector.count(effects, { state }))
  const [oldest] = projector.query(effects, { where: { state: 'open' }, orderBy: 'askedAt', limit: 1 })
  metrics.oldestEffect.set(oldest ? Math.max(0, clock.now() - oldest.row.askedAt) / 1_000 : 0)
}
