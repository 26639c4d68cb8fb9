import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { STAGES, TERMINALS } from '../../domain/lease/stage.ts'

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30]

/** Every metric of a node, with its own registry: two nodes in one process do not mix. Seconds and bytes, bounded labels. */
export type Metrics = {
  readonly registry: Registry
  readonly httpSeconds: Histogram<'method' | 'route' | 'status'>
  readonly graphqlSeconds: Histogram<'kind' | 'outcome'>
  readonly hotAnswers: Counter
  readonly refusedRequests: Counter<'why'>
  readonly subscriptions: Gauge
  readonly subscriptionEvents: Counter
  readonly journalHead: Gauge
  readonly projectionLag: Gauge
  readonly leases: Gauge<'stage'>
}

export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    httpSeconds: new Histogram({
      name: 'zennet_http_request_duration_seconds',
      help: 'Time to answer an HTTP request, streams apart, in seconds',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    graphqlSeconds: new Histogram({
      name: 'zennet_graphql_operation_duration_seconds',
      help: 'Time to execute a GraphQL query or mutation, in seconds',
      labelNames: ['kind', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    hotAnswers: new Counter({
      name: 'zennet_graphql_hot_answers_total',
      help: 'Queries that were answered from their compiled form',
      registers,
    }),
    refusedRequests: new Counter({
      name: 'zennet_api_refused_total',
      help: 'Requests that the API refused before executing them',
      labelNames: ['why'],
      registers,
    }),
    subscriptions: new Gauge({
      name: 'zennet_graphql_subscriptions',
      help: 'Subscriptions that are open',
      registers,
    }),
    subscriptionEvents: new Counter({
      name: 'zennet_graphql_subscription_events_total',
      help: 'Events given to subscribers',
      registers,
    }),
    journalHead: new Gauge({
      name: 'zennet_journal_head_position',
      help: 'Position of the newest fact in the log',
      registers,
    }),
    projectionLag: new Gauge({
      name: 'zennet_projection_lag_facts',
      help: 'Facts of the log that the rows do not contain yet',
      registers,
    }),
    leases: new Gauge({
      name: 'zennet_leases',
      help: 'Leases that this node knows, by stage',
      labelNames: ['stage'],
      registers,
    }),
  }
}

/** The values of `stage` in `zennet_leases`. */
export const LEASE_STAGE_LABELS = [...STAGES, ...TERMINALS] as const
