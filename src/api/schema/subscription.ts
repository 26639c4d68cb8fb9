import { GraphQLError } from 'graphql'
import { LEASE_ID, leaseStream } from '../../../domain/ids.ts'
import { leases } from '../../../projections/leases.ts'
import type { Filter } from '../../journal/port.ts'
import type { Told } from '../follow.ts'
import { LogSource } from '../live/log-source.ts'
import { MARKET_FACTS, marketView } from '../market-view.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'
import { untilFresh } from './fresh.ts'
import { LeaseType } from './lease-type.ts'

type ToldFact = Extract<Told, { kind: 'fact' }>
type ToldCaughtUp = Extract<Told, { kind: 'caught-up' }>
type ToldLagged = Extract<Told, { kind: 'lagged' }>

const CaughtUpType = builder.objectRef<ToldCaughtUp>('CaughtUp').implement({
  description: 'Everything up to this position was told; what comes now is live.',
  fields: (t) => ({ position: t.expose('position', { type: 'Position' }) }),
})

const LaggedType = builder.objectRef<ToldLagged>('Lagged').implement({
  description: 'The subscriber reads slower than the log grows. Nothing is left out: the rest follows.',
  fields: (t) => ({
    position: t.expose('position', { type: 'Position', description: 'Up to which everything was told.' }),
    behind: t.exposeInt('behind', { description: 'Positions to the newest fact.' }),
  }),
})

const LeaseEventType = builder.objectRef<ToldFact>('LeaseEvent').implement({
  description: 'A fact of the lease.',
  fields: (t) => ({
    position: t.field({ type: 'Position', resolve: ({ recorded }) => recorded.position }),
    version: t.int({ description: '1, 2, 3 … without gaps.', resolve: ({ recorded }) => recorded.version }),
    type: t.string({ description: 'Past tense, dotted: lease.agreed.', resolve: ({ recorded }) => recorded.fact.type }),
    at: t.field({ type: 'DateTime', resolve: ({ recorded }) => recorded.fact.at }),
    fact: t.field({ type: 'JSON', resolve: ({ recorded }) => recorded.fact }),
    lease: t.field({
      type: LeaseType,
      nullable: true,
      description: 'The lease as it is now: at this fact, or later.',
      resolve: async ({ recorded }, _, context) => {
        await untilFresh(context, recorded.position)
        return context.projector.byId(leases, recorded.stream.slice('lease-'.length)) ?? null
      },
    }),
  }),
})

const MarketEventType = builder.objectRef<ToldFact>('MarketEvent').implement({
  description: 'What happened in the market, without what is private.',
  fields: (t) => ({
    position: t.field({ type: 'Position', resolve: ({ recorded }) => recorded.position }),
    type: t.string({ resolve: ({ recorded }) => recorded.fact.type }),
    at: t.field({ type: 'DateTime', resolve: ({ recorded }) => recorded.fact.at }),
    announcementTxid: t.field({
      type: 'Hex',
      nullable: true,
      description: 'Null when it is of a lease.',
      resolve: ({ recorded }) => idIn(recorded.stream, 'announcement-'),
    }),
    leaseId: t.field({
      type: 'Hex',
      nullable: true,
      description: 'Null when it is of an announcement.',
      resolve: ({ recorded }) => idIn(recorded.stream, 'lease-'),
    }),
    fact: t.field({ type: 'JSON', resolve: ({ recorded }) => marketView(recorded.fact as never) }),
  }),
})

const idIn = (stream: string, prefix: string): string | null =>
  stream.startsWith(prefix) ? stream.slice(prefix.length) : null

const named = (event: string) => (value: Told) =>
  value.kind === 'fact' ? event : value.kind === 'lagged' ? 'Lagged' : 'CaughtUp'

const LeaseEventItem = builder.unionType('LeaseEventItem', {
  types: [LeaseEventType, CaughtUpType, LaggedType],
  resolveType: named('LeaseEvent'),
})
const MarketFeedItem = builder.unionType('MarketFeedItem', {
  types: [MarketEventType, CaughtUpType, LaggedType],
  resolveType: named('MarketEvent'),
})

const follow = ({ journal, metrics, closing }: ApiContext, after: number, filter: Filter): AsyncIterable<Told> =>
  new LogSource({ journal, metrics, closing, after, filter })

const afterArg = builder.args((t) => ({
  after: t.field({
    type: 'Position',
    required: false,
    description: 'Exclusive: the position of the newest event that is known already. Absent: from the beginning.',
  }),
}))

builder.subscriptionType({
  fields: (t) => ({
    leaseEvents: t.field({
      type: LeaseEventItem,
      description: 'The facts of one lease: those that were, then live, without gap or duplicate.',
      args: { leaseId: t.arg({ type: 'Hex', required: true }), ...afterArg },
      subscribe: (_, { leaseId, after }, context) => {
        if (!LEASE_ID.test(leaseId))
          throw new GraphQLError('leaseId: expected 32 hex digits', { extensions: { code: 'api.bad-input' } })
        return follow(context, after ?? 0, { streamPrefix: leaseStream(leaseId) })
      },
      resolve: (told) => told,
    }),
    marketFeed: t.field({
      type: MarketFeedItem,
      description: 'What happens in the market: those facts that were, then live, without gap or duplicate.',
      args: afterArg,
      subscribe: (_, { after }, context) => follow(context, after ?? 0, { types: MARKET_FACTS }),
      resolve: (told) => told,
    }),
  }),
})
