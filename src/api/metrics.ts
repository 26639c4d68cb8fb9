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
  readonly effects: Gauge<'state'>
  readonly oldestEffect: Gauge
  readonly timers: Gauge
  readonly stoppedProjections: Gauge
  readonly archivedStreams: Counter
  readonly effectRetries: Counter<'kind'>
  readonly clockJumps: Counter<'direction'>
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
    effects: new Gauge({
      name: 'zennet_effects',
      help: 'Effects that are asked for and not done: open ones are tried, parked ones wait for a person',
      labelNames: ['state'],
      registers,
    }),
    oldestEffect: new Gauge({
      name: 'zennet_effect_oldest_open_seconds',
      help: 'Age of the oldest effect that is open, in seconds; 0 when none is',
      registers,
    }),
    timers: new Gauge({
      name: 'zennet_timers',
      help: 'Timers that are set and have not fired',
      registers,
    }),
    stoppedProjections: new Gauge({
      name: 'zennet_projections_stopped',
      help: 'Projections that stand still: see `zennet projections ls`',
      registers,
    }),
    archivedStreams: new Counter({
      name: 'zennet_journal_archived_streams_total',
      help: 'Streams that were over and that this node has moved to the archive of the log',
      registers,
    }),
    effectRetries: new Counter({
      name: 'zennet_effect_retries_total',
      help: 'Attempts of effects that failed and are tried again',
      labelNames: ['kind'],
      registers,
    }),
    clockJumps: new Counter({
      name: 'zennet_clock_jumps_total',
      help: 'Times that the wall clock was set, or the machine slept',
      labelNames: ['direction'],
      registers,
    }),
  }
}

/** Counts what processes and the archivist tell. */
export const countingIn = ({ effectRetries, clockJumps, archivedStreams }: Metrics) => ({
  archived: (streams: number) => archivedStreams.inc(streams),
  retried: (kind: string) => effectRetries.inc({ kind }),
  jumped: (ms: number) => clockJumps.inc({ direction: ms > 0 ? 'forward' : 'backward' }),
})

/** The values of `stage` in `zennet_leases`. */
export const LEASE_STAGE_LABELS = [...STAGES, ...TERMINALS] as const
