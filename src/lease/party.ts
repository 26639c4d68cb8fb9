import type { Availability, Served } from '../../domain/availability/availability.ts'
import { fromHex, toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Network } from '../../domain/chain/network.ts'
import { type ChannelParams, paramsOf } from '../../domain/channel/script.ts'
import { type Receipt, receiptDigest } from '../../domain/lease/receipt.ts'
import { type Terms, termsDigest } from '../../domain/terms.ts'
import type { ChainEngine } from '../chain/port.ts'
import type { Clock } from '../clock/port.ts'
import type { Streams } from '../journal/streams.ts'
import type { Log } from '../log/port.ts'
import type { Random } from '../random/port.ts'
import type { Key, Keys } from '../wallet/keys.ts'

/** What either side of a lease works with. */
export type Party = {
  readonly streams: Streams
  readonly engine: ChainEngine
  readonly network: Network
  readonly keys: Keys
  readonly curve: Curve
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The key of one lease's channel: the same each time. */
  readonly channelKey: (leaseId: string) => Promise<Key>
  /** A script of the wallet that this lease's money goes to, hex. */
  readonly payoutScript: () => Promise<string>
  readonly track: TrackReader
}

/** What this node's log says of how available machines were. @throws as the log */
export type TrackReader = {
  /** This provider's own; undefined before it lent anything. */
  own(): Promise<Availability | undefined>
  /** What this publisher saw of a provider; undefined when it was never served by it. */
  seen(providerKey: string): Promise<Served | undefined>
}

export const channelParams = (terms: Terms): ChannelParams => paramsOf(terms.channel)

/** Signs for the node's identity; BIP 340, hex. */
const signDigest = (party: Pick<Party, 'curve' | 'keys' | 'random'>, digest: Uint8Array): string =>
  toHex(party.curve.signSchnorr(digest, party.keys.identity.secret, party.random.bytes(32)))

/** Identity keys are compressed; BIP 340 signatures are by their x coordinate. */
const verifyDigest = (party: Pick<Party, 'curve'>, digest: Uint8Array, signature: string, key: string): boolean =>
  party.curve.verifySchnorr(fromHex(signature), digest, fromHex(key).subarray(1))

export const signTerms = (party: Party, terms: Terms): string => signDigest(party, termsDigest(terms))
export const verifyTerms = (party: Party, terms: Terms, signature: string, key: string): boolean =>
  verifyDigest(party, termsDigest(terms), signature, key)
export const signReceipt = (party: Party, receipt: Receipt): string => signDigest(party, receiptDigest(receipt))
export const verifyReceipt = (party: Pick<Party, 'curve'>, receipt: Receipt, signature: string, key: string): boolean =>
  verifyDigest(party, receiptDigest(receipt), signature, key)
