import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Change,
  changed,
  changeTo,
  isImprovement,
  isRenewal,
  numberOf,
  renewal,
} from '../../../domain/lease/change.ts'
import type { LeaseFact, Side } from '../../../domain/lease/facts.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { owedMsat, PRICE_KEYS, type PriceVector } from '../../../domain/price.ts'
import { billUnder, owedUnder, type Terms, termsHash } from '../../../domain/terms.ts'
import { mapUsage, NO_USAGE, type UsageVector } from '../../../domain/usage.ts'
import { fold, given } from '../../specification.ts'
import { AT, leaseFacts, metered, PRICE, TERMS, usageAt } from './sample.ts'

const at = (tick: number) => ({ tick, usage: usageAt(tick) })
const priced = (price: Partial<PriceVector>): Change => ({ price: { ...PRICE, ...price } })
const CHEAP = priced({ wallHour: 1_800_000n })
const SIDES: readonly Side[] = ['publisher', 'provider']
const terms: Terms = { ...TERMS, noticeMs: 60_000 }

describe('an improvement', () => {
  const BETTER: readonly (readonly [Side, Change])[] = [
    ...PRICE_KEYS.filter((key) => key !== 'startMsat').flatMap((key): [Side, Change][] => [
      ['publisher', priced({ [key]: PRICE[key] - 1n })],
      ['provider', priced({ [key]: PRICE[key] + 1n })],
    ]),
    ...(['maxDurationMs', 'noticeMs', 'dataGraceMs'] as const).flatMap((key): [Side, Change][] => [
      ['publisher', { [key]: terms[key]! + 1 }],
      ['provider', { [key]: terms[key]! - 1 }],
    ]),
  ]

  it.each(BETTER)('for the %s: %o', (side, change) => {
    for (const each of SIDES) expect(isImprovement(terms, change, each)).toBe(each === side)
  })

  it('knows the price of a machine that stands still', () => {
    const stored = priced({ wallHour: PRICE.wallHour - 1n, pausedDiskGiBHour: PRICE.diskGiBHour + 1n })
    for (const side of SIDES) expect(isImprovement(terms, stored, side)).toBe(false)
    expect(isImprovement(terms, priced({ pausedDiskGiBHour: PRICE.diskGiBHour - 1n }), 'publisher')).toBe(true)
    expect(isImprovement(terms, priced({ pausedDiskGiBHour: PRICE.diskGiBHour }), 'publisher')).toBe(false)
  })

  it('is nothing mixed, and nothing that changes nothing', () => {
    const mixed: readonly Change[] = [
      priced({ wallHour: PRICE.wallHour - 1n, cpuHour: PRICE.cpuHour + 1n }),
      { ...CHEAP, maxDurationMs: terms.maxDurationMs - 1 },
      { noticeMs: 0, dataGraceMs: terms.dataGraceMs + 1 },
      {},
      priced({}),
      { noticeMs: 60_000 },
    ]
    for (const change of mixed) for (const side of SIDES) expect(isImprovement(terms, change, side)).toBe(false)
  })

  it('joined with another for the same side is one for it, and none for the other', () => {
    const one = fc.constantFrom(...BETTER)
    fc.assert(
      fc.property(one, one, ([first, a], [second, b]) => {
        const price = { ...PRICE }
        for (const { price: other } of [a, b])
          for (const key of PRICE_KEYS) if (other && other[key] !== PRICE[key]) price[key] = other[key]
        const both: Change = { ...a, ...b, ...(a.price || b.price ? { price } : {}) }
        fc.pre(first === second)
        expect(isImprovement(terms, both, first)).toBe(true)
        expect(isImprovement(terms, both, first === 'publisher' ? 'provider' : 'publisher')).toBe(false)
      }),
    )
  })
})

describe('a renewal', () => {
  it('is a longer duration and nothing else', () => {
    expect(isRenewal(terms, { maxDurationMs: terms.maxDurationMs + 1 })).toBe(true)
    expect(isRenewal(terms, { maxDurationMs: terms.maxDurationMs })).toBe(false)
    expect(isRenewal(terms, { maxDurationMs: terms.maxDurationMs + 1, noticeMs: 0 })).toBe(false)
    expect(isRenewal(terms, { ...CHEAP, maxDurationMs: terms.maxDurationMs + 1 })).toBe(false)
  })

  it('by itself is asked for when little is left, up to what was said', () => {
    const { context } = fold(lease, metered(1, 2_000n))
    const used = (ms: number) => ({ ...context, usage: { ...NO_USAGE, wallUs: BigInt(ms) * 1_000n } })
    const hour = 3_600_000
    expect(renewal(used(hour - 600_000), 10 * hour)).toBeUndefined()
    expect(renewal(used(hour - 599_999), 10 * hour)).toEqual({ maxDurationMs: 2 * hour })
    expect(renewal(used(hour - 1), 1.5 * hour)).toEqual({ maxDurationMs: 1.5 * hour })
    expect(renewal(used(hour - 1), hour)).toBeUndefined()
    const notice = { by: 'publisher', code: 'stopped-by-publisher', at: AT, endsAt: AT + 1 } as const
    expect(renewal({ ...used(hour - 1), notice }, 10 * hour)).toBeUndefined()
  })
})

describe('changed terms', () => {
  it('follow from the ones before, and say which', () => {
    const once = changed(TERMS, { maxDurationMs: 7_200_000 }, at(1))
    const twice = changed(once, CHEAP, at(2))
    expect([numberOf(TERMS), numberOf(once), numberOf(twice)]).toEqual([0, 1, 2])
    expect(once.revision).toEqual({ number: 1, previous: termsHash(TERMS) })
    expect(twice.revision).toMatchObject({ previous: termsHash(once), past: [{ price: PRICE, tick: 2 }] })
    expect(changed(once, changeTo(once, twice), at(2))).toEqual(twice)
  })

  it('cost what each stretch cost at its own price, and the start once', () => {
    const twice = changed(changed(TERMS, CHEAP, at(10)), priced({ wallHour: 7_200_000n }), at(20))
    const stretch = (from: number, to: number): UsageVector => mapUsage((key) => usageAt(to)[key] - usageAt(from)[key])
    const price = (wallHour: bigint) => ({ ...PRICE, startMsat: 0n, wallHour })
    expect(owedUnder(twice, usageAt(30))).toBe(
      owedMsat(PRICE, usageAt(10)) +
        owedMsat(price(1_800_000n), stretch(10, 20)) +
        owedMsat(price(7_200_000n), stretch(20, 30)),
    )
    const lines = billUnder(twice, usageAt(30))
    expect(lines.reduce((sum, { msat }) => sum + msat, 0n)).toBe(owedUnder(twice, usageAt(30)))
    expect(lines.filter(({ item }) => item === 'startMsat')).toHaveLength(1)
  })

  it('owe at their first tick what was owed before, whatever was used', () => {
    const counter = fc.bigInt({ min: 0n, max: 10n ** 15n })
    const use = fc.array(fc.tuple(counter, counter, counter), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(use, fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { maxLength: 5 }), (steps, prices) => {
        let now: Terms = TERMS
        let usage: UsageVector = NO_USAGE
        let before = owedUnder(now, usage)
        for (const [i, [wallUs, cpuUs, netTxBytes]] of steps.entries()) {
          usage = {
            ...usage,
            wallUs: usage.wallUs + wallUs,
            cpuUs: usage.cpuUs + cpuUs,
            netTxBytes: usage.netTxBytes + netTxBytes,
          }
          const owed = owedUnder(now, usage)
          expect(owed).toBeGreaterThanOrEqual(before)
          now = changed(now, priced({ cpuHour: prices[i] ?? 1n }), { tick: i + 1, usage })
          expect(owedUnder(now, usage)).toBe(owed)
          before = owed
        }
      }),
    )
  })
})

describe('a change of a lease', () => {
  const half = changed(TERMS, CHEAP, at(2))
  const signatures = { publisherSignature: '91', providerSignature: '92' }
  const agreed: LeaseFact = { type: 'lease.changed', at: AT, terms: half, ...signatures }
  const offered: LeaseFact = { type: 'lease.change-offered', at: AT, terms: half, signature: '92' }
  const agree = { kind: 'agree-change', at: AT, terms: half, ...signatures } as const

  it('counts in the publisher’s log when it follows from its newest tick', () => {
    given(lease, ...metered(2, 2_000n))
      .when(agree)
      .yields(agreed)
    given(lease, ...metered(2, 2_000n), agreed)
      .when(agree)
      .changesNothing()
    given(lease, ...metered(3, 2_000n))
      .when(agree)
      .refuses('terms-differ')
  })

  it('counts in the provider’s log when it has offered it, also some ticks later and after the end', () => {
    const later = [...metered(2, 2_000n, 'provider'), offered, leaseFacts(3)['lease.metered']]
    given(lease, ...metered(2, 2_000n, 'provider'))
      .when({ kind: 'offer-change', at: AT, terms: half, signature: '92' })
      .yields(offered)
    given(lease, ...later)
      .when(agree)
      .yields(agreed)
    given(lease, ...later, leaseFacts(0)['lease.ended'])
      .when(agree)
      .yields(agreed)
    const { context } = fold(lease, [...later, agreed])
    expect(context.owedMsat).toBe(owedUnder(half, usageAt(3)))
    expect(context.change).toEqual({})
  })

  it('that was out of step is asked for again', () => {
    const wanted: LeaseFact = { type: 'lease.change-wanted', at: AT, by: 'publisher', number: 1, change: CHEAP }
    const refused = (code: 'out-of-step' | 'not-better'): LeaseFact => ({
      ...leaseFacts(0)['lease.change-refused'],
      code,
    })
    expect(fold(lease, [...metered(1, 2_000n), wanted, refused('out-of-step')]).context.change.wanted).toBeDefined()
    expect(fold(lease, [...metered(1, 2_000n), wanted, refused('not-better')]).context.change).toEqual({})
  })

  describe('that waits', () => {
    const longer: Change = { maxDurationMs: 2 * TERMS.maxDurationMs }
    const wanted = (by: Side, change: Change, number = 1): LeaseFact => ({
      type: 'lease.change-wanted',
      at: AT,
      by,
      number,
      change,
    })

    it.each(SIDES)('for an answer goes on waiting when another is agreed first, as the next revision: %s', (side) => {
      const history = [...metered(2, 2_000n, side), wanted(side, longer), ...(side === 'provider' ? [offered] : [])]
      const { context } = fold(lease, [...history, agreed])
      expect(context.change).toEqual({ wanted: { by: side, number: 2, change: longer } })
      given(lease, ...history, agreed)
        .when({ kind: 'refuse-change', at: AT, number: 2, code: 'not-better', why: 'no' })
        .yields({ type: 'lease.change-refused', at: AT, number: 2, code: 'not-better', why: 'no' })
    })

    it('is done when what was agreed is what it wanted', () => {
      const { context } = fold(lease, [...metered(2, 2_000n), wanted('publisher', CHEAP), agreed])
      expect(context.change).toEqual({})
    })

    it('goes on waiting when another one that was offered is refused', () => {
      const history = [...metered(2, 2_000n, 'provider'), offered, wanted('provider', longer)]
      const no: LeaseFact = { ...leaseFacts(0)['lease.change-refused'], number: 1 }
      expect(fold(lease, [...history, no]).context.change).toEqual({
        wanted: { by: 'provider', number: 1, change: longer },
      })
      const own = [...metered(2, 2_000n, 'provider'), wanted('provider', CHEAP), offered]
      expect(fold(lease, [...own, no]).context.change).toEqual({})
    })
  })

  it('is for the ticks to come: vouchers cover what is owed over both prices', () => {
    const { context } = fold(lease, [...metered(2, 2_000n), agreed])
    given(lease, ...metered(2, 2_000n), agreed)
      .when({ kind: 'meter', at: AT, tick: 3, usage: usageAt(3), elapsedUs: 3_000_000n })
      .yields({ type: 'lease.metered', at: AT, tick: 3, usage: usageAt(3), owedMsat: owedUnder(half, usageAt(3)) })
    expect(owedUnder(half, usageAt(3))).toBeLessThan(owedMsat(PRICE, usageAt(3)))
    expect(context.terms).toEqual(half)
  })
})

it('owes what was stored in a pause at the price of its time, before a change and after', () => {
  const hours = (count: bigint) => ({ wallUs: count, diskByteSeconds: count * 3_600n * (1n << 30n) })
  const price = { ...PRICE, pausedDiskGiBHour: 1_000n }
  const until: UsageVector = { ...usageAt(1), paused: hours(10n) }
  const after = (used: UsageVector) =>
    changed({ ...TERMS, price }, priced({ pausedDiskGiBHour: 3_000n }), { tick: 1, usage: used })
  const usage: UsageVector = { ...usageAt(2), paused: hours(12n) }
  const unpaused = owedUnder(after(usageAt(1)), usageAt(2))
  expect(owedUnder(after(until), usage) - unpaused).toBe(10n * 1_000n + 2n * 3_000n)
  expect(owedUnder(after(until), until)).toBe(owedUnder({ price }, until))
  expect(billUnder(after(until), usage).reduce((sum, { msat }) => sum + msat, 0n)).toBe(owedUnder(after(until), usage))
})
