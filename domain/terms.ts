import { toHex } from './bytes.ts'
import { taggedHash } from './chain/hash.ts'
import { encodeBytes } from './codec.ts'
import { fullUseMsat, type PriceVector } from './price.ts'
import type { Isolation, Resources } from './resources.ts'
import type { TrafficCaps } from './usage.ts'

/** Everything that the two sides of a lease agree on. Both sign the hash of these bytes and no others. */
export type Terms = {
  readonly version: 1
  readonly leaseId: string
  /** Chain network by name. */
  readonly network: string
  /** The announcement's bond, `txid:vout`. */
  readonly announcement: string
  /** Identity keys, compressed, hex. */
  readonly publisherKey: string
  readonly providerKey: string
  readonly image: string
  readonly resources: Resources
  readonly isolation: Isolation
  readonly machineNetwork: 'none' | 'bridge'
  readonly price: PriceVector
  readonly caps: TrafficCaps
  /** Milliseconds between two ticks. */
  readonly tickMs: number
  /** Unpaid ticks before the lease ends. */
  readonly graceTicks: number
  /** How long a frozen machine waits for a publisher that cannot be reached, ms. */
  readonly reconnectMs: number
  /** Ticks served before the funding has a confirmation. */
  readonly unconfirmedTicks: number
  readonly maxDurationMs: number
  /** How long the machine's data can still be fetched after the end, ms. */
  readonly dataGraceMs: number
  /** The longest pause, ms: a lease that is paused for longer ends. Absent: it cannot be paused. */
  readonly maxPauseMs?: number
  readonly shell: {
    readonly user: string
    /** OpenSSH public keys that may log in. */
    readonly authorizedKeys: readonly string[]
    /** The gateway's public host key, OpenSSH form: pinned, so there is no question at first use. */
    readonly hostKey: string
  }
  readonly channel: {
    /** Keys of this channel alone, compressed, hex. */
    readonly publisherKey: string
    readonly providerKey: string
    readonly capacitySats: bigint
    /** Block height after which the publisher may take everything back. */
    readonly expiryHeight: number
    /** Where the publisher's share and the provider's earnings go: output scripts, hex. */
    readonly publisherScript: string
    readonly providerScript: string
  }
}

/** Canonical: equal terms have equal bytes. */
export const termsBytes = (terms: Terms): Uint8Array => encodeBytes(terms)

/** 32 bytes: BIP 340 tagged hash `zennet/terms` of the canonical bytes. This is what both sides sign. */
export const termsDigest = (terms: Terms): Uint8Array => taggedHash('zennet/terms', termsBytes(terms))

export const termsHash = (terms: Terms): string => toHex(termsDigest(terms))

/** A counter-offer may change the price and nothing else. */
export const differOnlyInPrice = (a: Terms, b: Terms): boolean => termsHash({ ...a, price: b.price }) === termsHash(b)

/** What a publisher pays ahead of the meter: one tick of full use, msat. */
export const tickAheadMsat = (terms: Terms): bigint =>
  fullUseMsat(terms.price, terms.resources, BigInt(terms.tickMs) * 1000n)
