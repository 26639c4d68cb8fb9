import { toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Network } from '../../domain/chain/network.ts'
import type { ChainEngine } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Obeying } from '../forgetting/obeying.ts'
import type { Journal } from '../journal/port.ts'
import type { Snapshots } from '../journal/snapshots.ts'
import { openStreams, type Streams } from '../journal/streams.ts'
import type { Party } from '../lease/party.ts'
import type { Log } from '../log/port.ts'
import { TrackRecord } from '../market/track-record.ts'
import { Watched } from '../market/watched.ts'
import type { Random } from '../random/port.ts'
import type { Keys } from '../wallet/keys.ts'
import type { Wallet } from '../wallet/port.ts'
import { openWallet } from '../wallet/wallet.ts'

/** What a part of a node acts with: all of it writes through one journal, so a journal that refuses stops all of it. */
export type Hands = {
  readonly journal: Journal
  readonly streams: Streams
  readonly wallet: Wallet
  readonly party: Party
  /** One for all parts: with a hundred thousand leases it is most of what they hold. */
  readonly watched: Watched
}

export type HandsOptions = {
  readonly keys: Keys
  readonly obeying: Pick<Obeying, 'onForgotten'>
  readonly network: Network
  readonly engine: ChainEngine
  readonly curve: Curve
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly snapshots?: Snapshots
}

export const handsOn = (journal: Journal, options: HandsOptions): Hands => {
  const { keys, obeying, network, engine, curve, clock, random, log, snapshots } = options
  const streams = openStreams(journal, snapshots)
  const forgetting = new WeakRef(streams)
  obeying.onForgotten((_, subject) => {
    if (subject !== undefined) forgetting.deref()?.drop(subject)
  })
  const wallet = openWallet({ keys, journal, engine, clock, curve })
  const party: Party = {
    streams,
    engine,
    network,
    keys,
    curve,
    clock,
    random,
    log,
    channelKey: (leaseId) => wallet.channelKey(leaseId),
    payoutScript: async () => toHex(await wallet.receiveScript()),
    track: new TrackRecord(journal, clock, snapshots),
  }
  return { journal, streams, wallet, party, watched: new Watched(journal, snapshots) }
}
