import { GraphQLError } from 'graphql'
import { LEASE_ID, leaseStream } from '../../../domain/ids.ts'
import { WALLET_STREAM } from '../../../domain/wallet/facts.ts'
import { leases } from '../../../projections/leases.ts'
import type { Filter } from '../../journal/port.ts'
import { CHAIN_FACTS, MEMPOOL_FACTS } from '../chain-view.ts'
import type { Told } from '../follow.ts'
import { LogSource } from '../live/log-source.ts'
import { MARKET_FACTS } from '../market-view.ts'
import { WALLET_FACTS } from '../wallet-view.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'
import { ChainFeedItem, MarketFeedItem, WalletFeedItem } from './feed-types.ts'
import { untilFresh } from './fresh.ts'
import { LeaseType } from './lease-type.ts'
import { CaughtUpType, itemTypeOf, LaggedType, SnapshotRequiredType, type ToldFact } from './told-types.ts'

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

const LeaseEventItem = builder.unionType('LeaseEventItem', {
  types: [LeaseEventType, CaughtUpType, LaggedType, SnapshotRequiredType],
  resolveType: itemTypeOf('LeaseEvent'),
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
    chainFeed: t.field({
      type: ChainFeedItem,
      description:
        'What happens on the chain: blocks that come and go, reorganisations, and what they do to announcements and channels; those facts ' +
        'that were, then live, without gap or duplicate.',
      args: {
        ...afterArg,
        mempool: t.arg.boolean({
          required: false,
          description:
            'Also what enters and leaves the mempool; default false. Those facts are let go of in time: behind an `after` that is older, ' +
            'or absent, SnapshotRequired is told.',
        }),
      },
      subscribe: (_, { after, mempool }, context) =>
        follow(context, after ?? 0, { types: mempool ? [...CHAIN_FACTS, ...MEMPOOL_FACTS] : CHAIN_FACTS }),
      resolve: (told) => told,
    }),
    walletFeed: t.field({
      type: WalletFeedItem,
      description:
        'Coins and payments of this node’s wallet: those facts that were, then live, without gap or duplicate.',
      args: afterArg,
      subscribe: (_, { after }, context) =>
        follow(context, after ?? 0, { streamPrefix: WALLET_STREAM, types: WALLET_FACTS }),
      resolve: (told) => told,
    }),
  }),
})
