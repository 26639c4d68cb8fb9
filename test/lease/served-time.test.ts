import { describe, expect, it } from 'vitest'
import type { LeaseState } from '../../domain/lease/lease.ts'
import { NO_USAGE } from '../../domain/usage.ts'
import { ServedTime } from '../../src/lease/publisher/served-time.ts'
import { steppedClock } from '../process/stepped-clock.ts'

const START = 1_000_000
const HOUR_MS = 3_600_000

const contextOf = (more: Partial<LeaseState['context']> = {}) =>
  ({ leaseId: 'a', servingSince: START, end: undefined, usage: NO_USAGE, ...more }) as LeaseState['context']
const ended = (at: number) => contextOf({ end: { code: 'unpaid', culprit: 'publisher', at } })

describe('the time that a lease was served', () => {
  it('goes by the steady clock, however the wall clock is set', () => {
    const { clock, advance, jump } = steppedClock(START)
    const served = new ServedTime(clock)
    expect(served.elapsedUs(contextOf())).toBe(0n)
    for (const hours of [-3, 5, -48]) {
      jump(hours * HOUR_MS)
      advance(1_000)
    }
    expect(served.elapsedUs(contextOf())).toBe(3_000_000n)
  })

  it('ends with the lease', () => {
    const { clock, advance, jump } = steppedClock(START)
    const served = new ServedTime(clock)
    served.elapsedUs(contextOf())
    advance(2_000)
    expect(served.elapsedUs(ended(START + 2_000))).toBe(2_000_000n)
    jump(HOUR_MS)
    advance(7_000)
    expect(served.elapsedUs(ended(START + 2_000))).toBe(2_000_000n)
  })

  it('is what the log says after a restart, and never less than was accepted', () => {
    const { clock, advance, jump } = steppedClock(START)
    advance(9_000)
    expect(new ServedTime(clock).elapsedUs(contextOf())).toBe(9_000_000n)
    expect(new ServedTime(clock).elapsedUs(ended(START + 4_000))).toBe(4_000_000n)
    jump(-HOUR_MS)
    expect(new ServedTime(clock).elapsedUs(contextOf())).toBe(0n)
    expect(new ServedTime(clock).elapsedUs(contextOf({ servingSince: undefined }))).toBe(0n)
    const accepted = contextOf({ usage: { ...NO_USAGE, wallUs: 8_000_000n } })
    const served = new ServedTime(clock)
    expect(served.elapsedUs(accepted)).toBe(8_000_000n)
    advance(1_000)
    expect(served.elapsedUs(accepted)).toBe(9_000_000n)
  })
})
