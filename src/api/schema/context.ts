import type { Clock } from '../../clock/port.ts'
import type { Journal } from '../../journal/port.ts'
import type { Projector } from '../../projector/port.ts'
import type { Metrics } from '../metrics.ts'
import type { Market } from '../port.ts'

/** What resolvers have. */
export type ApiContext = {
  readonly market: Market
  readonly projector: Projector
  readonly journal: Journal
  readonly clock: Clock
  readonly metrics: Metrics
  /** Aborted when the server closes: subscriptions end. */
  readonly closing: AbortSignal
}
