/** What every feed says beside its events: how far it is. */
const PLACE = '... on CaughtUp { position } ... on Lagged { position } ... on SnapshotRequired { position }'

export const MARKET_FEED = `subscription($after: Position) { feed: marketFeed(after: $after) {
  __typename ${PLACE} ... on MarketEvent { position leaseId announcementTxid } } }`

export const WALLET_FEED = `subscription($after: Position) { feed: walletFeed(after: $after) {
  __typename ${PLACE} ... on WalletEvent { position txid } } }`

/** `mempool`: also what enters and leaves the mempool. */
export const CHAIN_FEED = `subscription($after: Position, $mempool: Boolean) { feed: chainFeed(after: $after, mempool: $mempool) {
  __typename ${PLACE} ... on ChainEvent { position hash txid: waiting } } }`

export const LEASE_FEED = `subscription($leaseId: Hex!, $after: Position) { feed: leaseEvents(leaseId: $leaseId, after: $after) {
  __typename ${PLACE} ... on LeaseEvent { position } } }`
