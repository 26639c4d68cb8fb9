import { legOf } from '../../../domain/ids.ts'
import { type ChainFeedFact, chainView } from '../chain-view.ts'
import { marketView } from '../market-view.ts'
import { type WalletFeedFact, walletView } from '../wallet-view.ts'
import { builder } from './builder.ts'
import { CaughtUpType, idIn, itemTypeOf, LaggedType, SnapshotRequiredType, type ToldFact } from './told-types.ts'

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

const ChainEventType = builder.objectRef<ToldFact>('ChainEvent').implement({
  description: 'What happened on the chain: to its blocks, to announcements and to channels.',
  fields: (t) => ({
    position: t.field({ type: 'Position', resolve: ({ recorded }) => recorded.position }),
    type: t.string({
      description: 'Past tense, dotted: chain.connected.',
      resolve: ({ recorded }) => recorded.fact.type,
    }),
    at: t.field({ type: 'DateTime', resolve: ({ recorded }) => recorded.fact.at }),
    announcementTxid: t.field({
      type: 'Hex',
      nullable: true,
      description: 'Null when it is not of an announcement.',
      resolve: ({ recorded }) => idIn(recorded.stream, 'announcement-'),
    }),
    leaseId: t.field({
      type: 'Hex',
      nullable: true,
      description: 'Whose channel it is of; null when of none.',
      resolve: ({ recorded }) => {
        const id = idIn(recorded.stream, 'channel-')
        return id && legOf(id).leaseId
      },
    }),
    height: t.int({
      nullable: true,
      description: 'Of the block; null when it is in none.',
      resolve: ({ recorded }) => (recorded.fact as { height?: number }).height ?? null,
    }),
    hash: t.field({
      type: 'Hex',
      nullable: true,
      description: 'Of the block that came or went; of a reorganisation, the newest block that both branches have.',
      resolve: ({ recorded }) => (recorded.fact as { hash?: string }).hash ?? null,
    }),
    depth: t.int({
      nullable: true,
      description: 'Of a reorganisation: blocks that were left.',
      resolve: ({ recorded }) => (recorded.fact as { depth?: number }).depth ?? null,
    }),
    waiting: t.field({
      type: 'Hex',
      nullable: true,
      description: 'The transaction that entered or left the mempool.',
      resolve: ({ recorded: { fact } }) =>
        fact.type === 'mempool.left'
          ? ((fact as { txid?: string }).txid ?? null)
          : ((fact as { transaction?: { txid: string } }).transaction?.txid ?? null),
    }),
    fact: t.field({ type: 'JSON', resolve: ({ recorded }) => chainView(recorded.fact as ChainFeedFact) }),
  }),
})

const WalletEventType = builder.objectRef<ToldFact>('WalletEvent').implement({
  description: 'What happened to the wallet’s coins and payments.',
  fields: (t) => ({
    position: t.field({ type: 'Position', resolve: ({ recorded }) => recorded.position }),
    type: t.string({ description: 'Past tense, dotted: wallet.sent.', resolve: ({ recorded }) => recorded.fact.type }),
    at: t.field({ type: 'DateTime', resolve: ({ recorded }) => recorded.fact.at }),
    txid: t.field({
      type: 'Hex',
      description: 'Of the transaction; of a coin that was spent, the one that had paid it.',
      resolve: ({ recorded }) => (recorded.fact as WalletFeedFact).txid,
    }),
    fact: t.field({ type: 'JSON', resolve: ({ recorded }) => walletView(recorded.fact as WalletFeedFact) }),
  }),
})

export const MarketFeedItem = builder.unionType('MarketFeedItem', {
  types: [MarketEventType, CaughtUpType, LaggedType, SnapshotRequiredType],
  resolveType: itemTypeOf('MarketEvent'),
})
export const ChainFeedItem = builder.unionType('ChainFeedItem', {
  types: [ChainEventType, CaughtUpType, LaggedType, SnapshotRequiredType],
  resolveType: itemTypeOf('ChainEvent'),
})
export const WalletFeedItem = builder.unionType('WalletFeedItem', {
  types: [WalletEventType, CaughtUpType, LaggedType, SnapshotRequiredType],
  resolveType: itemTypeOf('WalletEvent'),
})
