import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DayBudget,
  dayBegins,
  dayOf,
  emptyBudget,
  giveBack,
  leftSats,
  onDay,
  release,
  reserveSats,
  spentOn,
  take,
  takeLast,
} from '../../../domain/lease/budget.ts'
import type { LeaseFact, Side } from '../../../domain/lease/facts.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { NO_USAGE } from '../../../domain/usage.ts'
import { fold } from '../../specification.ts'
import { AT, TERMS, upTo, usageAt } from './sample.ts'

const DAY_MS = 86_400_000
const NOON = dayBegins(dayOf(AT)) + DAY_MS / 2
const DAY = dayOf(NOON)
const paid = (at: number, paidSats: bigint, tick = 0): LeaseFact => ({ type: 'lease.paid', at, tick, paidSats })
const spent = (day: number, side: Side, ...facts: LeaseFact[]): bigint =>
  spentOn(day, fold(lease, [...upTo('funded', side), ...facts]).context)

describe('what a lease cost on a day', () => {
  it('is what its vouchers said beyond those of the days before', () => {
    const facts = [
      paid(NOON, 1_000n),
      paid(NOON + 1, 1_500n),
      paid(NOON + DAY_MS, 1_600n),
      paid(NOON + DAY_MS + 1, 2_000n),
    ]
    expect(spent(DAY, 'publisher', ...facts.slice(0, 2))).toBe(1_500n)
    expect(spent(DAY + 1, 'publisher', ...facts.slice(0, 2))).toBe(0n)
    expect(spent(DAY + 1, 'publisher', ...facts)).toBe(500n)
  })

  it('is nothing of a lease of the other side', () => {
    expect(spent(DAY, 'provider', paid(NOON, 1_000n))).toBe(0n)
  })

  it('goes by the day of UTC', () => {
    const midnight = dayBegins(DAY + 1)
    expect(dayOf(midnight - 1)).toBe(DAY)
    expect(dayOf(midnight)).toBe(DAY + 1)
    expect(new Date(midnight).toISOString()).toMatch(/T00:00:00.000Z$/)
  })
})

describe('a day’s budget', () => {
  const budget = emptyBudget(DAY, 10_000n)

  it('keeps for each lease what it may owe in the end', () => {
    const one = take(budget, 'a', 1_000n, 500n)!
    expect(leftSats(one, 'a')).toBe(9_000n)
    expect(leftSats(one, 'b')).toBe(8_500n)
    expect(take(one, 'b', 8_000n, 500n)).toBeDefined()
    expect(take(one, 'b', 8_001n, 500n)).toBeUndefined()
    // Its newest reserve stands for the ones before.
    expect(leftSats(take(one, 'a', 0n, 100n)!)).toBe(8_900n)
    expect(leftSats(release(one, 'a'))).toBe(9_000n)
  })

  it('gives a lease its last voucher out of its own reserve, and out of nobody else’s', () => {
    const two = take(take(budget, 'a', 4_000n, 500n)!, 'b', 5_000n, 500n)!
    expect(leftSats(two)).toBe(0n)
    const last = takeLast(two, 'a', 500n)
    expect(last?.spentSats).toBe(9_500n)
    expect(last?.reserves.has('a')).toBe(false)
    expect(takeLast(two, 'a', 501n)).toBeUndefined()
  })

  it('begins anew on another day, and knows no bound where there is none', () => {
    const used = take(budget, 'a', 9_000n, 1_000n)!
    expect(onDay(used, DAY)).toBe(used)
    expect(onDay(used, DAY + 1)).toMatchObject({ day: DAY + 1, spentSats: 0n })
    expect(leftSats(onDay(used, DAY + 1), 'a')).toBe(10_000n)
    expect(leftSats(emptyBudget(DAY))).toBeUndefined()
    expect(take(emptyBudget(DAY), 'a', 10n ** 15n, 1n)?.spentSats).toBe(10n ** 15n)
    expect(giveBack(used, 9_000n).spentSats).toBe(0n)
    expect(giveBack(used, 9_001n).spentSats).toBe(0n)
  })

  it('is never passed by a sat, whatever is asked of it', () => {
    const step = fc.record({
      leaseId: fc.constantFrom('a', 'b', 'c'),
      sats: fc.bigInt({ min: 0n, max: 4_000n }),
      reserve: fc.bigInt({ min: 0n, max: 1_000n }),
      last: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 20_000n }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
        let now: DayBudget = emptyBudget(DAY, limit)
        let sum = 0n
        for (const { leaseId, sats, reserve, last } of steps) {
          const next = last ? takeLast(now, leaseId, sats) : take(now, leaseId, sats, reserve)
          if (next === undefined) continue
          sum += sats
          now = next
          const kept = [...now.reserves.values()].reduce((all, each) => all + each, 0n)
          expect(now.spentSats).toBe(sum)
          expect(now.spentSats + kept).toBeLessThanOrEqual(limit)
        }
      }),
    )
  })

  it('keeps two ticks of full use, or as the last one was with its traffic', () => {
    const quiet = reserveSats(TERMS, NO_USAGE, NO_USAGE)
    const busy = reserveSats(TERMS, usageAt(1), { ...usageAt(2), netTxBytes: 10n ** 12n })
    expect(quiet).toBeGreaterThan(0n)
    expect(busy).toBeGreaterThan(quiet)
  })
})
