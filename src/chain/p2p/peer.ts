import type { Version } from '../../../domain/chain/wire/version.ts'
import type { Clock } from '../../clock/port.ts'
import { type Bucket, newBucket } from './bucket.ts'
import type { Connection } from './connection.ts'
import type { P2pLimits } from './limits.ts'
import { newRemembered, type Remembered } from './remembered.ts'

/** Who called whom: `manual` is a peer that the operator named. */
export type Direction = 'inbound' | 'outbound' | 'manual'

/** A block by its place, stored here or not. */
export type ChainPoint = { readonly hash: string; readonly height: number; readonly work: bigint }

/** Another node, and what is known of it. Changed by the parts of this folder; nothing of it outlives the connection. */
export type Peer = {
  readonly id: number
  readonly direction: Direction
  readonly connection: Connection
  /** As it was dialled; absent for one that called. */
  readonly dialled?: string
  /** Where it says that it can be called, at the address that it has. */
  own?: string
  readonly connectedAtMs: number
  /** What it said first; absent until then. */
  version?: Version
  /** The handshake is over. */
  ready: boolean
  /** What it asked for: new blocks as headers, transactions by wtxid, addresses in the form of BIP 155. */
  wantsHeaders: boolean
  wantsWtxids: boolean
  wantsAddrV2: boolean
  /** Sats per 1000 virtual bytes below which it wants no transactions. */
  feeFilter: bigint
  readonly ping: { nonce?: bigint; sentUs: number; lastUs?: number; leastUs?: number }
  readonly sync: PeerSync
  readonly pool: PeerPool
  readonly addresses: { readonly budget: Bucket; wasAnswered: boolean; taken: number; dropped: number }
  readonly messages: Bucket
  readonly received: Bucket
  readonly served: Bucket
}

/** Where it stands on the chain. */
export type PeerSync = {
  /** The most work that it has shown. */
  best?: ChainPoint
  /** Hashes up to `best` of blocks that are not stored here, lowest first. */
  path: string[]
  /** Blocks asked for and not come, with when (steady, µs). */
  readonly requested: Map<string, number>
  /** When it brought the last one. */
  lastBlockUs: number
  /** It was asked for its chain once. */
  wasAsked: boolean
  /** When it was asked for headers that have not come. */
  headersAskedUs?: number
  /** It has more headers, for which there was no room. */
  hasMore: boolean
  /** Messages of headers in a row that led nowhere. */
  unconnected: number
  /** The newest block that it was told, or has told. */
  told?: { readonly hash: string; readonly height: number }
  /** Unix ms; 0 for never. */
  lastBlockMs: number
}

/** What it knows of transactions. */
export type PeerPool = {
  /** All that entered the mempool up to here was announced or need not be. */
  announcedSeq: number
  readonly known: Remembered
  /** By key of the announcement; those that are asked for, with when. */
  readonly announced: Set<string>
  readonly requested: Map<string, number>
  wasListed: boolean
  lastTransactionMs: number
}

export const newPeer = (
  parts: { readonly clock: Clock; readonly limits: P2pLimits },
  given: Pick<Peer, 'id' | 'direction' | 'connection'> & { readonly dialled?: string },
): Peer => {
  const { clock, limits } = parts
  return {
    ...given,
    connectedAtMs: clock.now(),
    ready: false,
    wantsHeaders: false,
    wantsWtxids: false,
    wantsAddrV2: false,
    feeFilter: 0n,
    ping: { sentUs: clock.steadyUs() },
    sync: {
      path: [],
      requested: new Map(),
      lastBlockUs: 0,
      wasAsked: false,
      hasMore: false,
      unconnected: 0,
      lastBlockMs: 0,
    },
    pool: {
      announcedSeq: 0,
      known: newRemembered(limits.knownPerPeer),
      announced: new Set(),
      requested: new Map(),
      wasListed: false,
      lastTransactionMs: 0,
    },
    addresses: {
      budget: newBucket(clock, limits.addressesPerS, limits.addressBurst),
      wasAnswered: false,
      taken: 0,
      dropped: 0,
    },
    messages: newBucket(clock, limits.messagesPerS, limits.messageBurst),
    received: newBucket(clock, limits.receivedBytesPerS, limits.receivedBurstBytes),
    served: newBucket(clock, limits.servedBytesPerS, limits.servedBurstBytes),
  }
}
