import { MAX_TOP_UPS, OPENING_SATS, payable, spread, sumOf } from '../channel/legs.ts'
import type { Refusal } from '../fact.ts'
import { larger, satsForMsat, smaller } from '../money.ts'
import { fullUseMsat, owedMsat } from '../price.ts'
import { type Terms, tickAheadMsat } from '../terms.ts'
import type { UsageVector } from '../usage.ts'
import type { LeaseCommand, LeaseRefusal } from './commands.ts'
import type { LeaseContext } from './context.ts'
import type { LeaseFact } from './facts.ts'

/** A top-up that does not even pay for its own opening and close is not made, sats. */
const MIN_TOP_UP_SATS = 2_000n
/** 21 million coins: no capacity is above. */
const MAX_SATS = 2_100_000_000_000_000n

type Sized = { readonly capacitySats: bigint }

/** Sats that each channel of a lease can pay, the first one first. */
export const capacitiesOf = (terms: Terms, topUps: readonly Sized[]): bigint[] => [
  terms.channel.capacitySats,
  ...topUps.map(({ capacitySats }) => capacitySats),
]

/** Sats that a lease can pay over all of its channels. */
export const capacityOf = ({ terms, topUps }: Pick<LeaseContext, 'terms' | 'topUps'>): bigint =>
  terms === undefined ? 0n : sumOf(capacitiesOf(terms, topUps))

const wantedSats = (terms: Terms, usage: UsageVector): bigint =>
  satsForMsat(owedMsat(terms.price, usage) + tickAheadMsat(terms))

/**
 * What the newest voucher has to say after `usage`: all that is owed, and one tick of full use ahead, in sats. Never above the
 * capacity: a lease that comes there ends.
 */
export const dueSats = (terms: Terms, usage: UsageVector, topUps: readonly Sized[] = []): bigint =>
  payable(larger(wantedSats(terms, usage), OPENING_SATS), capacitiesOf(terms, topUps))

/** True when what is owed leaves no room for another tick ahead. @param topUps those that count for who asks */
export const capacityUsed = (terms: Terms, usage: UsageVector, topUps: readonly Sized[] = []): boolean =>
  wantedSats(terms, usage) > sumOf(capacitiesOf(terms, topUps))

/** A lease tops itself up when less than this part of its first channel is left, */
const LOW_PART = 4n
/** or less than full use costs for so many blocks, in which a top-up should come into one. */
const LOW_BLOCKS = 3n

/** True when a lease that can be topped up should be. */
export const isLow = (context: LeaseContext, spacingS: number): boolean => {
  const { terms, usage, topUps, wanted, notice, end } = context
  if (terms === undefined || wanted || notice || end || context.nextLeg > MAX_TOP_UPS) return false
  const left = capacityOf(context) - dueSats(terms, usage, topUps)
  const quick = satsForMsat(fullUseMsat(terms.price, terms.resources, LOW_BLOCKS * BigInt(spacingS) * 1_000_000n))
  return left < larger(terms.channel.capacitySats / LOW_PART, quick)
}

/** Sats to top up by: as many as the first channel has, at most up to the hard budget; 0 when that is used. */
export const automaticTopUp = (context: LeaseContext, mostSats: bigint): bigint => {
  const sats = smaller(context.terms?.channel.capacitySats ?? 0n, mostSats - capacityOf(context))
  return sats < MIN_TOP_UP_SATS ? 0n : sats
}

type Command<K extends LeaseCommand['kind']> = Extract<LeaseCommand, { kind: K }>
type Decided = readonly LeaseFact[] | Refusal<LeaseRefusal>

const refuse = (refused: LeaseRefusal, why: string): Refusal<LeaseRefusal> => ({ refused, why })

/** One at a time: each is the next leg, so both sides have them in the same order. */
export const wantTopUp = ({ at, sats, reference }: Command<'want-top-up'>, context: LeaseContext): Decided => {
  const { wanted, nextLeg } = context
  if (context.references.includes(reference)) return []
  if (wanted) return refuse('top-up-pending', `${wanted.sats} sats are being added already`)
  if (context.notice || context.end) return refuse('ending', 'the end was asked for')
  if (nextLeg > MAX_TOP_UPS) return refuse('too-many-top-ups', `a lease is topped up ${MAX_TOP_UPS} times at the most`)
  if (sats < MIN_TOP_UP_SATS) return refuse('top-up-too-small', `${sats} sats, ${MIN_TOP_UP_SATS} are the least`)
  if (capacityOf(context) + sats > MAX_SATS) return refuse('over-capacity', 'there are not so many coins')
  return [{ type: 'lease.top-up-wanted', at, leg: nextLeg, sats, reference }]
}

export const topUp = ({ at, leg, txid, vout, capacitySats }: Command<'top-up'>, { topUps }: LeaseContext): Decided => {
  if (topUps.some((known) => known.leg === leg && known.txid === txid)) return []
  const last = topUps.at(-1)?.leg ?? 0
  if (leg <= last || leg > MAX_TOP_UPS) return refuse('top-up-out-of-order', `leg ${leg} after ${last}`)
  return [{ type: 'lease.topped-up', at, leg, txid, vout, capacitySats }]
}

/** What the lease waited for besides may have been spent by then. */
export const giveUpTopUp = ({ at, leg, code, why }: Command<'give-up-top-up'>, context: LeaseContext): Decided => {
  if (context.wanted?.leg !== leg) return []
  const refused: LeaseFact = { type: 'lease.top-up-refused', at, leg, code, why }
  const last = context.parts.at(-1)
  const spent = context.parts.flatMap(({ legs }) => legs)
  if (last === undefined || !atStake(context).every((each) => spent.includes(each))) return [refused]
  const paidSats = sumOf(context.parts.map((part) => part.paidSats))
  return [refused, { type: 'lease.settled', at, txid: last.txid, height: last.height, paidSats }]
}

/** Legs whose spend a lease waits for: the publisher's coins in each, of the provider's those that were paid over. */
const atStake = (context: LeaseContext): number[] => {
  const { terms, side, topUps, paidSats } = context
  if (terms === undefined) return [0]
  const shares = spread(paidSats, capacitiesOf(terms, topUps))
  const later = topUps.filter((_, at) => side === 'publisher' || shares[at + 1]! > 0n)
  return [0, ...later.map(({ leg }) => leg)]
}

/**
 * The chain is the judge of what was paid: the capacity of what was spent, less what came back to the publisher. The lease is over
 * when nothing is left in any of its channels.
 */
export const spentOnChain = (
  { at, txid, height, legs = [0], ...spend }: Command<'settle'> | Command<'refund'>,
  context: LeaseContext,
): LeaseFact[] => {
  const before = context.parts.filter((part) => !part.legs.some((leg) => legs.includes(leg)))
  const paidSats = spend.kind === 'refund' ? 0n : paidOnChain(spend.returned, legs, context)
  const spent = [...before.flatMap((part) => part.legs), ...legs]
  const paid = before.reduce((sum, part) => sum + part.paidSats, paidSats)
  if (context.wanted !== undefined || !atStake(context).every((leg) => spent.includes(leg)))
    return [{ type: 'lease.settled-in-part', at, legs, txid, height, paidSats }]
  return paid === 0n && spend.kind === 'refund'
    ? [{ type: 'lease.refunded', at, txid, height }]
    : [{ type: 'lease.settled', at, txid, height, paidSats: paid }]
}

const paidOnChain = (
  returned: Command<'settle'>['returned'],
  legs: readonly number[],
  { terms, topUps }: LeaseContext,
): bigint => {
  const sizes = new Map(topUps.map(({ leg, capacitySats }) => [leg, capacitySats]))
  const capacity = legs.reduce((sum, leg) => sum + (sizes.get(leg) ?? terms?.channel.capacitySats ?? 0n), 0n)
  const own = returned.filter(({ script }) => script === terms?.channel.publisherScript)
  return own.reduce((left, { sats }) => left - sats, capacity)
}
