import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LeaseCommand } from '../../../domain/lease/commands.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { PAUSE_CODES, PAUSES, type PauseCode, pausedTickMs, pauseEnd } from '../../../domain/lease/pauses.ts'
import { bill, coversFloor, owedMsat, scalePrice } from '../../../domain/price.ts'
import { addUsage, impossibleUsage, type PausedUsage, USAGE_KEYS, type UsageVector } from '../../../domain/usage.ts'
import { fold, given } from '../../specification.ts'
import { leaseFacts, metered, PRICE, TERMS, usageAt } from './sample.ts'

const facts = leaseFacts(0)
const paused = (code: PauseCode, at = 1): LeaseFact => ({ type: 'lease.paused', at, code })
const resumed = (code: PauseCode, at = 1): LeaseFact => ({ type: 'lease.resumed', at, code })
const running = metered(2, 2_000n)
const storing = (wallUs: bigint, diskByteSeconds: bigint): UsageVector => ({
  ...usageAt(2),
  paused: { wallUs, diskByteSeconds },
})
const GIB_HOUR = (1n << 30n) * 3_600n

describe('a pause', () => {
  it('stands still for each reason once, and goes on when the last one is gone', () => {
    const both = [...running, paused('asked-by-publisher', 5), paused('owner-busy', 6)]
    const { value, context } = fold(lease, both)
    expect(value).toEqual({ meter: 'paused' })
    expect(context).toMatchObject({
      pausedSince: 5,
      pauses: [
        { code: 'asked-by-publisher', at: 5 },
        { code: 'owner-busy', at: 6 },
      ],
    })
    given(lease, ...both)
      .when({ kind: 'pause', at: 9, code: 'owner-busy' })
      .changesNothing()
    const one = given(lease, ...both)
      .when({ kind: 'resume', at: 9, code: 'asked-by-publisher' })
      .yields(resumed('asked-by-publisher', 9), paused('owner-busy', 9))
    expect(one.value).toEqual({ meter: 'paused' })
    expect(one.context).toMatchObject({ pausedSince: 5, pauses: [{ code: 'owner-busy', at: 6 }] })
    const none = given(lease, ...both, resumed('asked-by-publisher', 9), paused('owner-busy', 9))
      .when({ kind: 'resume', at: 10, code: 'owner-busy' })
      .yields(resumed('owner-busy', 10))
    expect(none.value).toEqual({ meter: 'flowing' })
    expect(none.context).toMatchObject({ pausedSince: undefined, pauses: [] })
  })

  it('can be ended, and begun, while the end is only announced', () => {
    const announced: LeaseFact = {
      type: 'lease.noticed',
      at: 1,
      by: 'provider',
      code: 'stopped-by-provider',
      endsAt: 9_000,
    }
    const atOnce: LeaseFact = { type: 'lease.noticed', at: 1, by: 'provider', code: 'stopped-by-provider' }
    const wanted = (paused: boolean): LeaseFact => ({ type: 'lease.pause-wanted', at: 2, paused })
    const want = (paused: boolean): LeaseCommand => ({ kind: 'want-pause', at: 2, paused })
    const mayPause = running.map((fact) =>
      fact.type === 'lease.agreed' ? { ...fact, terms: { ...fact.terms, maxPauseMs: 60_000 } } : fact,
    )
    given(lease, ...mayPause, announced)
      .when(want(true))
      .yields(wanted(true))
    given(lease, ...mayPause, atOnce)
      .when(want(true))
      .refuses('ending')
    for (const notice of [announced, atOnce])
      given(lease, ...mayPause, wanted(true), notice)
        .when(want(false))
        .yields(wanted(false))
  })

  it('is not ended by whoever does not hold it', () => {
    given(lease, ...running, paused('asked-by-publisher'))
      .when({ kind: 'resume', at: 9, code: 'owner-busy' })
      .changesNothing()
  })

  it('takes vouchers and stays; hunger changes nothing in it', () => {
    const history = [...running, paused('asked-by-publisher')]
    const state = given(lease, ...history, { ...leaseFacts(3)['lease.metered'], usage: storing(1n, 1n) })
      .when({ kind: 'pay', at: 1, tick: 3, paidSats: 2_001n })
      .yields({ type: 'lease.paid', at: 1, tick: 3, paidSats: 2_001n })
    expect(state.value).toEqual({ meter: 'paused' })
    given(lease, ...history)
      .when({ kind: 'starve', at: 1, tick: 3, why: 'peer-unreachable' })
      .changesNothing()
  })

  it('is over with the lease', () => {
    const { context } = fold(lease, [...running, paused('owner-busy'), facts['lease.ended']])
    expect(context).toMatchObject({ pauses: [], pausedSince: undefined })
  })

  it('that is wanted is wanted once', () => {
    const want: LeaseCommand = { kind: 'want-pause', at: 1, paused: true }
    const wanted = given(lease, ...running)
      .when(want)
      .yields({ type: 'lease.pause-wanted', at: 1, paused: true })
    expect(wanted.context.pauseWanted).toBe(true)
    given(lease, ...running, { type: 'lease.pause-wanted', at: 1, paused: true })
      .when(want)
      .changesNothing()
    given(lease, ...running)
      .when({ ...want, paused: false })
      .changesNothing()
  })

  it('of before the provider’s wish was written down is its wish still, until it takes that back', () => {
    const before = [...metered(2, 2_000n, 'provider'), paused('asked-by-provider')]
    expect(fold(lease, before).context.pauseWanted).toBe(true)
    const back: LeaseFact = { type: 'lease.pause-wanted', at: 2, paused: false }
    given(lease, ...before)
      .when({ kind: 'want-pause', at: 2, paused: false })
      .yields(back)
    // Said again, because another reason is gone, it is no new wish.
    const again: LeaseFact[] = [paused('owner-busy'), back, { type: 'lease.resumed', at: 3, code: 'owner-busy' }]
    const { context } = fold(lease, [...before, ...again, paused('asked-by-provider')])
    expect([context.pauseWanted, context.pauses.length]).toEqual([false, 1])
    expect(fold(lease, [...running, paused('asked-by-provider')]).context.pauseWanted).toBe(false)
  })

  it('of before the provider’s wish was written down is no wish any more when it is over', () => {
    const over = [...metered(2, 2_000n, 'provider'), paused('asked-by-provider'), resumed('asked-by-provider')]
    expect(fold(lease, over).context.pauseWanted).toBe(false)
    expect(fold(lease, [...over, paused('asked-by-provider', 5)]).context.pauseWanted).toBe(true)
  })

  it('that comes late does not overrule what the provider wrote down', () => {
    const wish = (paused: boolean): LeaseFact => ({ type: 'lease.pause-wanted', at: 2, paused })
    const told = [...metered(2, 2_000n, 'provider'), wish(true), wish(false), paused('asked-by-provider', 3)]
    expect(fold(lease, told).context.pauseWanted).toBe(false)
    // Nor does one that is over: it is wanted again before the machine goes on.
    const again = [...told, wish(true), resumed('asked-by-provider', 4)]
    expect(fold(lease, again).context.pauseWanted).toBe(true)
  })

  it('bills a tick of its disk, and nothing else', () => {
    const usage = storing(10_000_000n, GIB_HOUR)
    const elapsedUs = 12_000_000n
    const tick: LeaseCommand = { kind: 'meter', at: 1, tick: 3, usage, elapsedUs: 1_000_000_000_000n }
    const long = { ...usage, paused: { wallUs: 3_600_000_000n, diskByteSeconds: GIB_HOUR } }
    given(lease, ...running, paused('owner-busy'))
      .when({ ...tick, usage: long })
      .yields({
        type: 'lease.metered',
        at: 1,
        tick: 3,
        usage: long,
        owedMsat: owedMsat(PRICE, usageAt(2)) + PRICE.diskGiBHour,
      })
    given(lease, ...running, paused('owner-busy'))
      .when({ ...tick, usage, elapsedUs })
      .refuses('usage-impossible')
    for (const key of USAGE_KEYS)
      given(lease, ...running, paused('owner-busy'))
        .when({ ...tick, usage: { ...long, [key]: long[key] + 1n } })
        .refuses('usage-impossible')
  })

  it('ends a lease after the longest that was agreed, by the code of whoever wanted it', () => {
    const at = 1
    const max = TERMS.maxPauseMs!
    for (const code of PAUSE_CODES) {
      expect(pauseEnd([{ code, at }], TERMS, max)).toBeUndefined()
      const byPublisher = PAUSES[code].by === 'publisher'
      expect(pauseEnd([{ code, at }], TERMS, max + 1)?.code).toBe(
        byPublisher ? 'paused-too-long' : 'provider-paused-too-long',
      )
    }
    expect(pauseEnd([], TERMS, max + 1)).toBeUndefined()
  })

  it('ticks slower, and often enough that a live lease is not taken for lost', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 60_000 }),
        fc.integer({ min: 0, max: 3_600_000 }),
        (tickMs, reconnectMs) => {
          const ms = pausedTickMs({ ...TERMS, tickMs, reconnectMs })
          expect(ms).toBeGreaterThanOrEqual(tickMs)
          expect(ms).toBeLessThanOrEqual(Math.max(tickMs, reconnectMs / 4))
        },
      ),
    )
  })
})

describe('the price of a pause', () => {
  const usage = storing(3_600_000_000n, 2n * GIB_HOUR)

  it('is that of the disk, or what was agreed for it', () => {
    expect(owedMsat(PRICE, usage) - owedMsat(PRICE, usageAt(2))).toBe(2n * PRICE.diskGiBHour)
    const agreed = { ...PRICE, pausedDiskGiBHour: 7n }
    expect(owedMsat(agreed, usage) - owedMsat(agreed, usageAt(2))).toBe(14n)
    expect(bill(agreed, usage).at(-1)).toEqual({
      item: 'pausedDiskGiBHour',
      used: 2n * GIB_HOUR,
      price: 7n,
      msat: 14n,
    })
    expect(bill(agreed, usage).reduce((sum, { msat }) => sum + msat, 0n)).toBe(owedMsat(agreed, usage))
  })

  it('scales with the others, and is held against the floor', () => {
    const agreed = { ...PRICE, pausedDiskGiBHour: 100n }
    expect(scalePrice(agreed, 1n, 3n).pausedDiskGiBHour).toBe(33n)
    expect('pausedDiskGiBHour' in scalePrice(PRICE, 1n, 3n)).toBe(false)
    expect(coversFloor(agreed, { ...PRICE, pausedDiskGiBHour: 100n })).toBe(true)
    expect(coversFloor(agreed, PRICE)).toBe(false)
    expect(coversFloor({ ...PRICE, pausedDiskGiBHour: 99n }, agreed)).toBe(false)
  })
})

describe('usage of a pause', () => {
  const { resources, caps } = TERMS
  const limits = { resources, caps, elapsedUs: 1_000_000_000n }
  const some = fc.record({
    wallUs: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    diskByteSeconds: fc.bigInt({ min: 0n, max: 10n ** 12n }),
  })

  it('adds up, and is absent where there is none', () => {
    expect('paused' in addUsage(usageAt(1), usageAt(2))).toBe(false)
    fc.assert(
      fc.property(some, some, (a: PausedUsage, b: PausedUsage) => {
        const sum = addUsage({ ...usageAt(1), paused: a }, { ...usageAt(1), paused: b })
        const { wallUs, diskByteSeconds } = sum.paused ?? { wallUs: 0n, diskByteSeconds: 0n }
        expect(wallUs).toBe(a.wallUs + b.wallUs)
        expect(diskByteSeconds).toBe(a.diskByteSeconds + b.diskByteSeconds)
      }),
    )
  })

  it('never falls, nor is more than the disk for the time, nor longer than what went by', () => {
    const before = storing(100_000_000n, 1_000n)
    expect(impossibleUsage(before, storing(100_000_000n, 1_000n), limits)).toBeUndefined()
    expect(impossibleUsage(before, storing(99_999_999n, 1_000n), limits)).toBeDefined()
    expect(impossibleUsage(before, storing(100_000_000n, 999n), limits)).toBeDefined()
    expect(impossibleUsage(before, usageAt(2), limits)).toBeDefined()
    const most = BigInt(resources.diskBytes) * 200n
    expect(impossibleUsage(before, storing(200_000_000n, most), limits)).toBeUndefined()
    expect(impossibleUsage(before, storing(200_000_000n, 2n * most), limits)).toBeDefined()
    expect(impossibleUsage(before, storing(1_000_000_001n, 1_000n), limits)).toBeDefined()
  })
})
