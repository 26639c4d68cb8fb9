import type { Clock } from '../../clock/port.ts'
import type { Journal } from '../../journal/port.ts'
import type { Projector } from '../../projector/port.ts'
import type { Metrics } from '../metrics.ts'
import type { Market } from '../port.ts'
import type { Order } from '../session/guard.ts'
import type { Principal } from '../session/principal.ts'
import type { Sessions } from '../session/sessions.ts'

/** What resolvers have. In a session the ports show only what concerns its key: see `session/visible.ts`. */
export type ApiContext = {
  readonly principal: Principal
  readonly sessions: Sessions
  /** The request as it was signed; only in a session. */
  readonly order?: Order
  readonly market: Market
  readonly projector: Projector
  readonly journal: Journal
  readonly clock: Clock
  readonly metrics: Metrics
  /** Aborted when the server closes: subscriptions end. */
  readonly closing: AbortSignal
}
