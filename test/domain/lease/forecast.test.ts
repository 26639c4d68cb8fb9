import { describe, expect, it } from 'vitest'
import { dayBegins, dayOf } from '../../../domain/lease/budget.ts'
import {
  forecast,
  LOW_MS,
  lastsMs,
  type Pace,
  paceAfter,
  type Running,
  rateOf,
} from '../../../domain/lease/forecast.ts'
import { hourlyMsat } from '../../../domain/price.ts'
import { AT, TERMS } from './sample.ts'

const SECOND_US = 1_000_000n
const HOUR_MS = 3_600_000
/** One sat a second. */
const RATE = 3_600_000n
const NOON = dayBegins(dayOf(AT)) + 12 * HOUR_MS

/** Used for `seconds` at one sat a second. */
const steady = (seconds: number, more: Partial<Running> = {}): Running => {
  let pace: Pace | undefined
  const at = (second: number) => ({ elapsedUs: BigInt(second) * SECOND_US, owedMsat: BigInt(second) * 1_000n })
  for (let second = 1; second <= seconds; second++) pace = paceAfter(pace, at(second), 0n)
  const { elapsedUs: wallUs, owedMsat } = at(seconds)
  return { terms: TERMS, usage: { wallUs }, capacitySats: 1_000n, notice: undefined, owedMsat, pace, ...more }
}

describe('how fast a lease costs', () => {
  it('is measured over the last half minute to a minute', () => {
    for (const seconds of [1, 29, 30, 59, 60, 61, 3_000]) {
      const { hourlyMsat: rate, windowMs } = rateOf(steady(seconds))
      expect(rate).toBe(RATE)
      expect(windowMs).toBe(Math.min(seconds, seconds < 60 ? seconds : 30 + (seconds % 30)) * 1_000)
    }
  })

  it('follows a change within a minute, and leaves the start price out', () => {
    let pace = paceAfter(undefined, { elapsedUs: SECOND_US, owedMsat: 501_000n }, 500_000n)
    for (let second = 2n; second <= 300n; second++)
      pace = paceAfter(pace, { elapsedUs: second * SECOND_US, owedMsat: 500_000n + second * 1_000n }, 500_000n)
    const usage = { wallUs: 300n * SECOND_US }
    expect(rateOf({ ...steady(1), usage, owedMsat: 800_000n, pace }).hourlyMsat).toBe(RATE)
    for (let second = 301n; second <= 360n; second++)
      pace = paceAfter(pace, { elapsedUs: second * SECOND_US, owedMsat: 800_000n }, 500_000n)
    expect(rateOf({ ...steady(1), usage: { wallUs: 360n * SECOND_US }, owedMsat: 800_000n, pace }).hourlyMsat).toBe(0n)
  })

  it('counts what is stored in a pause over the pause, and nothing of it when the machine runs again', () => {
    const stored = { wallUs: 300n * SECOND_US, owedMsat: 300_000n }
    const before = steady(300)
    let { pace } = before
    // An hour's pause, in which a sat is owed in 100 seconds.
    const pausedAt = (second: bigint) => ({ elapsedUs: (300n + second) * SECOND_US, owedMsat: 300_000n + 10n * second })
    for (let second = 5n; second <= 3_600n; second += 5n) pace = paceAfter(pace, pausedAt(second), 0n)
    const usage = { wallUs: stored.wallUs, paused: { wallUs: 3_600n * SECOND_US, diskByteSeconds: 1n } }
    const paused = rateOf({ ...before, usage, owedMsat: pausedAt(3_600n).owedMsat, pace })
    expect(paused.hourlyMsat).toBe(RATE / 100n)
    for (let second = 3_601n; second <= 3_670n; second++)
      pace = paceAfter(
        pace,
        { elapsedUs: (300n + second) * SECOND_US, owedMsat: 336_000n + (second - 3_600n) * 1_000n },
        0n,
      )
    const resumed = { ...usage, wallUs: 370n * SECOND_US }
    expect(rateOf({ ...before, usage: resumed, owedMsat: 406_000n, pace }).hourlyMsat).toBe(RATE)
  })

  it('is what full use costs before there is a reading', () => {
    const { hourlyMsat: rate, windowMs } = rateOf({ ...steady(0), pace: undefined })
    expect([rate, windowMs]).toEqual([hourlyMsat(TERMS.price, TERMS.resources), 0])
  })
})

describe('when a lease ends', () => {
  const ahead = 1_000n * 1_000n - 100n * 1_000n

  it('is when its capacity holds no further tick', () => {
    const told = forecast(steady(100), NOON)
    expect(told).toMatchObject({ by: 'capacity', hourlyMsat: RATE, low: false })
    expect(told.emptyInMs).toBeLessThan(Number(ahead))
    expect(told.emptyInMs).toBeGreaterThan(Number(ahead) - 10_000)
  })

  it.each<readonly [string, Partial<Running>, { leftSats: bigint; hourlyMsat: bigint } | undefined, object]>([
    [
      'its notice',
      { notice: { by: 'provider', code: 'stopped-by-provider', at: NOON, endsAt: NOON + 5_000 } },
      undefined,
      { by: 'notice', emptyInMs: 5_000, low: false },
    ],
    [
      'a notice that is due',
      { notice: { by: 'publisher', code: 'stopped-by-publisher', at: NOON - 1 } },
      undefined,
      { by: 'notice', emptyInMs: 0 },
    ],
    ['its duration', { terms: { ...TERMS, maxDurationMs: 150_000 } }, undefined, { by: 'duration', emptyInMs: 50_000 }],
    ['today’s budget', {}, { leftSats: 100n, hourlyMsat: RATE }, { by: 'daily-budget', emptyInMs: 100_000, low: true }],
    [
      'today’s budget, which other leases use as well',
      {},
      { leftSats: 100n, hourlyMsat: 2n * RATE },
      { by: 'daily-budget', emptyInMs: 50_000 },
    ],
    ['a budget that is used', {}, { leftSats: 0n, hourlyMsat: RATE }, { by: 'daily-budget', emptyInMs: 0 }],
    ['a capacity that is used', { capacitySats: 100n }, undefined, { by: 'capacity', emptyInMs: 0, low: true }],
  ])('is by %s, where that comes first', (_, more, budget, expected) => {
    expect(forecast(steady(100, more), NOON, budget)).toMatchObject(expected)
  })

  it('is not by a budget that lasts until there is a new one', () => {
    const late = dayBegins(dayOf(NOON) + 1) - 60_000
    expect(forecast(steady(100), late, { leftSats: 100n, hourlyMsat: RATE }).by).toBe('capacity')
    expect(forecast(steady(100), late, { leftSats: 50n, hourlyMsat: RATE }).by).toBe('daily-budget')
  })

  it('is low when money ends it soon, and not when time does', () => {
    const lasting = (ms: number) => steady(100, { capacitySats: BigInt(ms) / 1_000n + 105n })
    expect(forecast(lasting(LOW_MS + 60_000), NOON).low).toBe(false)
    expect(forecast(lasting(LOW_MS - 60_000), NOON).low).toBe(true)
    expect(forecast(steady(100, { terms: { ...TERMS, maxDurationMs: 101_000 } }), NOON).low).toBe(false)
  })

  it('is not by money when nothing is used', () => {
    expect(lastsMs(1n, 0n)).toBeUndefined()
    expect(lastsMs(0n, 1n)).toBe(0n)
    const idle = {
      ...steady(100),
      pace: { older: { elapsedUs: 0n, owedMsat: 100_000n }, newer: { elapsedUs: 0n, owedMsat: 100_000n } },
    }
    expect(forecast(idle, NOON)).toMatchObject({ by: 'duration', hourlyMsat: 0n })
  })
})
