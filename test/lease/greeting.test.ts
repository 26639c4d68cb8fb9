import { describe, expect, it } from 'vitest'
import type { Pause } from '../../domain/lease/pauses.ts'
import type { Terms } from '../../domain/terms.ts'
import { NO_USAGE } from '../../domain/usage.ts'
import { greetingOf } from '../../src/lease/provider/greeting.ts'
import { TERMS } from '../domain/lease/sample.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const HOUR_MS = 3_600_000
const paused: readonly Pause[] = [{ code: 'owner-busy', at: NOON }]
const unpausable = ({ maxPauseMs: _, ...terms }: Terms): Terms => terms

/** The line that says until when, of a lease that may last an hour and has lasted a quarter of one. */
const until = (terms: Terms, more: object = {}): string => {
  const usage = { ...NO_USAGE, wallUs: BigInt(HOUR_MS / 4) * 1_000n }
  const text = greetingOf({ ...terms, maxDurationMs: HOUR_MS }, { usage, notice: undefined, pauses: [], ...more }, NOON)
  return /until +(.*); data/.exec(text)![1]!
}

describe('a greeting', () => {
  it('says when a lease that cannot be paused ends at the latest', () => {
    expect(until(unpausable(TERMS))).toBe('2026-01-01 12:45 UTC at the latest')
  })

  it('says that pauses put the end off', () => {
    expect(until(TERMS)).toBe('2026-01-01 12:45 UTC, and later by as long as it is paused')
  })

  it('names no time while the machine stands still, for nothing of its time goes by', () => {
    expect(until(TERMS, { pauses: paused })).toBe('45 min after it goes on: it is paused, owner-busy')
  })

  it('names the time of a notice, which comes in a pause, too', () => {
    const notice = { by: 'provider', code: 'stopped-by-provider', at: NOON, endsAt: NOON + HOUR_MS / 6 }
    for (const pauses of [[], paused])
      expect(until(TERMS, { notice, pauses })).toBe('2026-01-01 12:10 UTC, as the provider announced')
    const late = { ...notice, endsAt: NOON + 2 * HOUR_MS }
    expect(until(TERMS, { notice: late, pauses: paused })).toBe('2026-01-01 14:00 UTC, as the provider announced')
  })
})
