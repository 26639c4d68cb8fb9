import { toHex } from './bytes.ts'
import { taggedHash } from './chain/hash.ts'
import { encodeBytes } from './codec.ts'
import { type BillLine, bill, fullUseMsat, owedMsat, type PriceVector } from './price.ts'
import type { Isolation, Resources } from './resources.ts'
import { mapUsage, NO_USAGE, NOT_PAUSED, pausedPart, type TrafficCaps, type UsageVector } from './usage.ts'

/**
 * The publisher's own reading from inside the machine: about every `everyMs`. The bill may be above it by `permille` of it and by
 * what full use of `slackMs` and a tick could be; when it is above that in `readings` in a row, the lease ends, `usage-mismatch`.
 */
export type InsideTolerance = {
  readonly everyMs: number
  readonly slackMs: number
  readonly permille: number
  readonly readings: number
}

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
  /** Absent: the publisher does not measure from inside. */
  readonly inside?: InsideTolerance
  /** Milliseconds between two ticks. */
  readonly tickMs: number
  /** Unpaid ticks before the lease ends. */
  readonly graceTicks: number
  /** How long a frozen machine waits for a publisher that cannot be reached, ms. */
  readonly reconnectMs: number
  /** Ticks served before the funding has a confirmation. */
  readonly unconfirmedTicks: number
  readonly maxDurationMs: number
  /** How long before it ends the lease by choice the provider says so, ms; absent: not at all. */
  readonly noticeMs?: number
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
  /** Absent in the terms that were agreed at first. */
  readonly revision?: Revision
}

/** Terms that both signed while the lease ran, in the place of others. */
export type Revision = {
  /** 1 for the first change. */
  readonly number: number
  /** Hash of the terms before. */
  readonly previous: string
  /** Prices before this one, in order; absent while the first one holds. */
  readonly past?: readonly PastPrice[]
}

/** A price that held up to and with a tick, and what was used until then. */
export type PastPrice = { readonly price: PriceVector; readonly tick: number; readonly until: UsageVector }

/** Canonical: equal terms have equal bytes. */
export const termsBytes = (terms: Terms): Uint8Array => encodeBytes(terms)

/** 32 bytes: BIP 340 tagged hash `zennet/terms` of the canonical bytes. This is what both sides sign. */
export const termsDigest = (terms: Terms): Uint8Array => {
  const known = digests.get(terms)
  if (known !== undefined) return known
  const digest = taggedHash('zennet/terms', termsBytes(terms))
  digests.set(terms, digest)
  return digest
}

/** The same terms are signed, compared and told of many times; nobody changes an object of them. */
const digests = new WeakMap<Terms, Uint8Array>()

export const termsHash = (terms: Terms): string => toHex(termsDigest(terms))

/** A counter-offer may change the price and nothing else. */
export const differOnlyInPrice = (a: Terms, b: Terms): boolean => termsHash({ ...a, price: b.price }) === termsHash(b)

/** What was used at each price. The start price is due once, at the first of them. */
const segments = (
  { price, revision }: Pick<Terms, 'price' | 'revision'>,
  usage: UsageVector,
): { price: PriceVector; used: UsageVector }[] => {
  let base = NO_USAGE
  const stretch = (of: PriceVector, until: UsageVector, at: number) => {
    const [before, after] = [base.paused ?? NOT_PAUSED, until.paused ?? NOT_PAUSED]
    const paused = pausedPart({
      wallUs: after.wallUs - before.wallUs,
      diskByteSeconds: after.diskByteSeconds - before.diskByteSeconds,
    })
    const used = { ...mapUsage((key) => until[key] - base[key]), ...paused }
    base = until
    return { price: at === 0 ? of : { ...of, startMsat: 0n }, used }
  }
  const past = revision?.past ?? []
  return [...past.map((one, at) => stretch(one.price, one.until, at)), stretch(price, usage, past.length)]
}

/** What `usage` costs under these terms, msat: each stretch at its own price. Everything that is owed is computed here. */
export const owedUnder = (terms: Pick<Terms, 'price' | 'revision'>, usage: UsageVector): bigint =>
  terms.revision?.past === undefined
    ? owedMsat(terms.price, usage)
    : segments(terms, usage).reduce((sum, { price, used }) => sum + owedMsat(price, used), 0n)

/** Every line that makes up `owedUnder`; lines of later prices follow those of earlier ones. */
export const billUnder = (terms: Pick<Terms, 'price' | 'revision'>, usage: UsageVector): readonly BillLine[] =>
  segments(terms, usage).flatMap(({ price, used }, at) =>
    bill(price, used).filter(({ item }) => at === 0 || item !== 'startMsat'),
  )

/** What a publisher pays ahead of the meter: one tick of full use, msat. */
export const tickAheadMsat = (terms: Terms): bigint =>
  fullUseMsat(terms.price, terms.resources, BigInt(terms.tickMs) * 1000n)
