import { type Signal, signal } from '@preact/signals'
import { graphql } from '../graphql.ts'
import type { Fault } from './fault.ts'
import { subscribe } from './socket.ts'

/** What a screen can follow: the market, one lease, the wallet, the chain, that with what waits in the mempool, or what to notify of. */
export type FeedName = 'market' | 'wallet' | 'chain' | 'mempool' | 'notification' | `lease ${string}`

const MARKET = graphql(`
  subscription Market($after: Position) {
    item: marketFeed(after: $after) {
      __typename
      ... on MarketEvent { position }
      ... on CaughtUp { position }
      ... on Lagged { position }
      ... on SnapshotRequired { position }
    }
  }
`)
const WALLET = graphql(`
  subscription Wallet($after: Position) {
    item: walletFeed(after: $after) {
      __typename
      ... on WalletEvent { position }
      ... on CaughtUp { position }
      ... on Lagged { position }
      ... on SnapshotRequired { position }
    }
  }
`)
const CHAIN = graphql(`
  subscription Chain($after: Position, $mempool: Boolean) {
    item: chainFeed(after: $after, mempool: $mempool) {
      __typename
      ... on ChainEvent { position }
      ... on CaughtUp { position }
      ... on Lagged { position }
      ... on SnapshotRequired { position }
    }
  }
`)
const NOTIFICATION = graphql(`
  subscription Notification($after: Position) {
    item: notificationFeed(after: $after) {
      __typename
      ... on NotificationEvent { position }
      ... on CaughtUp { position }
      ... on Lagged { position }
      ... on SnapshotRequired { position }
    }
  }
`)
const LEASE = graphql(`
  subscription Lease($leaseId: Hex!, $after: Position) {
    item: leaseEvents(leaseId: $leaseId, after: $after) {
      __typename
      ... on LeaseEvent { position }
      ... on CaughtUp { position }
      ... on Lagged { position }
      ... on SnapshotRequired { position }
    }
  }
`)

const AGAIN_MS = 2_000

/** `position`: of the newest fact that it told. `fault`: why it tells nothing now. */
type Followed = { readonly position: Signal<number>; readonly fault: Signal<Fault | undefined> }

/** One subscription, however many parts of the page look at it. */
type Feed = Followed & { readers: number; end(): void }

const feeds = new Map<FeedName, Feed>()

const begin = (name: FeedName, after: number): Feed => {
  const position = signal(after)
  const fault = signal<Fault | undefined>(undefined)
  let end = (): void => undefined
  let isOver = false
  const told = ({ item }: { item: { position: string } }): void => {
    fault.value = undefined
    // Facts that were told before are told again by none: `after` is exclusive. What lagged is caught up by asking for the rows.
    position.value = Math.max(position.peek(), Number(item.position))
  }
  const failed = (told: Fault | undefined): void => {
    if (isOver) return
    fault.value = told
    // What the node calls wrong does not become right by being asked again.
    if (told?.code !== 'api.bad-input') setTimeout(follow, AGAIN_MS)
  }
  const follow = (): void => {
    if (isOver) return
    const from = () => ({ after: String(position.peek()) })
    if (name === 'market') end = subscribe(MARKET, from, { next: told, failed })
    else if (name === 'wallet') end = subscribe(WALLET, from, { next: told, failed })
    else if (name === 'notification') end = subscribe(NOTIFICATION, from, { next: told, failed })
    else if (name === 'chain' || name === 'mempool')
      end = subscribe(CHAIN, () => ({ ...from(), mempool: name === 'mempool' }), { next: told, failed })
    else end = subscribe(LEASE, () => ({ ...from(), leaseId: name.slice('lease '.length) }), { next: told, failed })
  }
  follow()
  return {
    position,
    fault,
    readers: 0,
    end: () => {
      isOver = true
      end()
    },
  }
}

/**
 * Follows a feed from `after` on, or joins who follows it already. @returns where it is, and how to leave it
 */
export const followFeed = (name: FeedName, after: number): Followed & { leave(): void } => {
  let feed = feeds.get(name)
  if (feed === undefined) {
    feed = begin(name, after)
    feeds.set(name, feed)
  }
  const joined = feed
  joined.readers++
  return {
    position: joined.position,
    fault: joined.fault,
    leave: () => {
      joined.readers--
      if (joined.readers > 0) return
      joined.end()
      feeds.delete(name)
    },
  }
}
