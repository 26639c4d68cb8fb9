import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { ChainFact } from '../../domain/chain/facts.ts'
import type { MempoolFact } from '../../domain/chain/mempool-facts.ts'
import type { ChannelFact } from '../../domain/channel/facts.ts'

type OnChain<F extends { readonly type: string }, T extends F['type']> = Extract<F, { readonly type: T }>

/** Facts that the chain caused. */
export type ChainFeedFact =
  | ChainFact
  | OnChain<MempoolFact, 'mempool.entered' | 'mempool.left'>
  | OnChain<
      AnnouncementFact,
      | 'announcement.seen'
      | 'announcement.unseen'
      | 'announcement.lost'
      | 'announcement.confirmed'
      | 'announcement.unconfirmed'
      | 'announcement.withdrawn'
      | 'announcement.restored'
      | 'announcement.expired'
      | 'announcement.unexpired'
    >
  | OnChain<
      ChannelFact,
      | 'channel.funded'
      | 'channel.opened'
      | 'channel.unopened'
      | 'channel.closing'
      | 'channel.closed'
      | 'channel.refunding'
      | 'channel.refunded'
      | 'channel.reopened'
    >

/** Types of the facts that the chain feed tells of. */
export const CHAIN_FACTS: readonly ChainFeedFact['type'][] = [
  'chain.connected',
  'chain.included',
  'chain.disconnected',
  'chain.reorganised',
  'announcement.seen',
  'announcement.unseen',
  'announcement.lost',
  'announcement.confirmed',
  'announcement.unconfirmed',
  'announcement.withdrawn',
  'announcement.restored',
  'announcement.expired',
  'announcement.unexpired',
  'channel.funded',
  'channel.opened',
  'channel.unopened',
  'channel.closing',
  'channel.closed',
  'channel.refunding',
  'channel.refunded',
  'channel.reopened',
]

/** Of the mempool: told to those who ask, since old ones are let go of. */
export const MEMPOOL_FACTS: readonly ChainFeedFact['type'][] = ['mempool.entered', 'mempool.left']

/**
 * What a fact shows in the chain feed: fields are named one by one, so that what is added to a fact later stays private. Raw
 * transactions are left out: they are had by their id.
 */
export const chainView = (fact: ChainFeedFact): Record<string, unknown> => {
  switch (fact.type) {
    case 'chain.connected': {
      const { height, hash, previous, time, totals, transactions } = fact
      return { height, hash, previous, time, ...(totals && { totals }), transactions }
    }
    case 'chain.included': {
      const { height, hash, time, first, transactions } = fact
      return { height, hash, time, first, transactions }
    }
    case 'chain.reorganised': {
      const { depth, height, hash, from } = fact
      return { depth, height, hash, from }
    }
    case 'mempool.entered':
      return { transaction: fact.transaction }
    case 'mempool.left':
      return { txid: fact.txid, reason: fact.reason }
    case 'chain.disconnected':
      return { height: fact.height, hash: fact.hash }
    case 'announcement.seen':
      return { txid: fact.txid, author: fact.author, bondSats: fact.bondSats, record: fact.record }
    case 'announcement.confirmed':
    case 'announcement.expired':
    case 'channel.opened':
      return { height: fact.height }
    case 'announcement.withdrawn':
      return { by: fact.by, ...(fact.height === undefined ? {} : { height: fact.height }) }
    case 'channel.funded':
      return { txid: fact.txid, vout: fact.vout }
    case 'channel.closing':
      return { txid: fact.txid, paid: fact.paid }
    case 'channel.refunding':
      return { txid: fact.txid }
    case 'channel.closed':
    case 'channel.refunded':
      return { txid: fact.txid, height: fact.height }
    case 'announcement.unseen':
    case 'announcement.lost':
    case 'announcement.unconfirmed':
    case 'announcement.restored':
    case 'announcement.unexpired':
    case 'channel.unopened':
    case 'channel.reopened':
      return {}
  }
}
