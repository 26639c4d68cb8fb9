import { larger, satsForMsat, smaller } from '../money.ts'
import { owedUnder, type Terms, tickAheadMsat } from '../terms.ts'
import type { UsageVector } from '../usage.ts'
import type { LeaseContext } from './context.ts'
import type { LeaseFact } from './facts.ts'

const DAY_MS = 86_400_000

/** Days of UTC since 1970. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS)
export const dayBegins = (day: number): number => day * DAY_MS

/** What a lease was paid before the day of its newest voucher. */
export type PaidBefore = { readonly day: number; readonly sats: bigint }

/** A voucher: what it says, and what of it is of its own day. */
export const paid = (
  { paidSats: before, paidBefore }: LeaseContext,
  { at, tick, paidSats }: Extract<LeaseFact, { type: 'lease.paid' }>,
): Pick<LeaseContext, 'paidTick' | 'paidSats' | 'paidBefore'> => ({
  paidTick: tick,
  paidSats,
  paidBefore: paidBefore.day === dayOf(at) ? paidBefore : { day: dayOf(at), sats: before },
})

/** What a publisher signed away in one lease on that day, sats. */
export const spentOn = (day: number, context: Pick<LeaseContext, 'side' | 'paidSats' | 'paidBefore'>): bigint =>
  context.side === 'publisher' && context.paidBefore.day === day ? context.paidSats - context.paidBefore.sats : 0n

/** What all leases of a publisher may cost in one day of UTC, and do. Vouchers count on the day on which they are signed. */
export type DayBudget = {
  /** Absent: as much as the leases themselves allow. */
  readonly limitSats?: bigint
  readonly day: number
  readonly spentSats: bigint
  /** By lease: kept for what it may owe in the end beyond its newest voucher. */
  readonly reserves: ReadonlyMap<string, bigint>
}

export const emptyBudget = (day: number, limitSats?: bigint): DayBudget => ({
  day,
  spentSats: 0n,
  reserves: new Map(),
  ...(limitSats === undefined ? {} : { limitSats }),
})

/** The same on another day: nothing is spent yet. */
export const onDay = (budget: DayBudget, day: number): DayBudget =>
  budget.day === day ? budget : { ...budget, day, spentSats: 0n }

const sum = (reserves: ReadonlyMap<string, bigint>, but: string): bigint =>
  [...reserves].reduce((all, [leaseId, sats]) => (leaseId === but ? all : all + sats), 0n)

/** What a lease may still take today, the reserves of all others apart; undefined where there is no limit. */
export const leftSats = ({ limitSats, spentSats, reserves }: DayBudget, leaseId = ''): bigint | undefined =>
  limitSats === undefined ? undefined : larger(0n, limitSats - spentSats - sum(reserves, leaseId))

/** Takes `sats` for a lease, when there is room for them and for its reserve. @returns undefined when there is not */
export const take = (budget: DayBudget, leaseId: string, sats: bigint, reserve: bigint): DayBudget | undefined => {
  const left = leftSats(budget, leaseId)
  if (left !== undefined && sats + reserve > left) return undefined
  // Without a limit nothing is kept for anybody: a copy for each tick of each lease would cost as much as signing it.
  const reserves = budget.limitSats === undefined ? budget.reserves : new Map(budget.reserves).set(leaseId, reserve)
  return { ...budget, spentSats: budget.spentSats + sats, reserves }
}

/** The last voucher of a lease: its reserve is there for it, and nobody else's is. All of it, or nothing. */
export const takeLast = (budget: DayBudget, leaseId: string, sats: bigint): DayBudget | undefined => {
  const taken = take(budget, leaseId, sats, 0n)
  return taken && release(taken, leaseId)
}

export const release = (budget: DayBudget, leaseId: string): DayBudget => {
  const reserves = new Map(budget.reserves)
  reserves.delete(leaseId)
  return { ...budget, reserves }
}

/** What is spent already, whether there is room for it or not. */
export const spend = (budget: DayBudget, sats: bigint): DayBudget => ({ ...budget, spentSats: budget.spentSats + sats })

/** What was taken and not spent after all. */
export const giveBack = (budget: DayBudget, sats: bigint): DayBudget => ({
  ...budget,
  spentSats: budget.spentSats - smaller(sats, budget.spentSats),
})

/** Ticks in which a lease that is told to end may go on. */
const LAST_TICKS = 2n

/** What a lease may owe beyond a voucher that was just signed, sats: full use, or as in its last tick where traffic made that more. */
export const reserveSats = (terms: Terms, before: UsageVector, usage: UsageVector): bigint =>
  satsForMsat(LAST_TICKS * larger(tickAheadMsat(terms), owedUnder(terms, usage) - owedUnder(terms, before)))
