import { describe, expect, it } from 'vitest'
import { believedEnd, type OwnFacts } from '../../../domain/lease/believed-end.ts'
import { ENDS, type EndCode } from '../../../domain/lease/ends.ts'
import { type Pause, type PauseCode, pauseEndByPublisher } from '../../../domain/lease/pauses.ts'
import { TERMS } from './sample.ts'

const CODES = Object.keys(ENDS) as EndCode[]

describe('what a side believes of the other one’s end', () => {
  it('lets a publisher say what only it can know, and takes all else for its wish to stop', () => {
    const own = ['stopped-by-publisher', 'usage-impossible', 'usage-mismatch', 'bad-voucher']
    own.push('provider-silent', 'daily-budget-used')
    for (const code of CODES) {
      expect(believedEnd(code, 'publisher', {})).toBe(own.includes(code) ? code : 'stopped-by-publisher')
    }
  })

  it('lets a publisher say of a pause what the provider’s log says, too', () => {
    for (const code of ['paused-too-long', 'provider-paused-too-long'] as const) {
      expect(believedEnd(code, 'publisher', { paused: code })).toBe(code)
      expect(believedEnd(code, 'publisher', { paused: 'unpaid' })).toBe('stopped-by-publisher')
    }
  })

  it('lets no provider speak for the publisher', () => {
    for (const code of ['usage-impossible', 'provider-silent', 'stopped-by-publisher'] as const) {
      expect(believedEnd(code, 'provider', {})).toBe('stopped-by-provider')
    }
    for (const code of ['bad-voucher', 'machine-exited', 'unpaid', 'provider-paused-too-long'] as const) {
      expect(believedEnd(code, 'provider', {})).toBe(code)
    }
  })

  it.each<readonly [EndCode, OwnFacts]>([
    ['stopped-by-publisher', { noticed: true }],
    ['capacity-used', { capacityUsed: true }],
    ['duration-reached', { durationReached: true }],
    ['paused-too-long', { paused: 'paused-too-long' }],
  ])('believes a provider that says %s when it is so, and else takes it for its own wish', (code, own) => {
    expect(believedEnd(code, 'provider', own)).toBe(code)
    expect(believedEnd(code, 'provider', {})).toBe('stopped-by-provider')
  })

  it('knows by itself whose pause was too long', () => {
    expect(believedEnd('paused-too-long', 'provider', { paused: 'provider-paused-too-long' })).toBe(
      'provider-paused-too-long',
    )
  })
})

describe('the end of a pause in the publisher’s log', () => {
  const terms = { ...TERMS, maxPauseMs: 60_000 }
  const by = (code: PauseCode): Pause => ({ code, at: 1 })
  const end = (pauses: readonly Pause[], pauseWanted: boolean, pausedMs: number, wantedMs = 0) =>
    pauseEndByPublisher({ terms, pauses, pauseWanted }, { pausedMs, wantedMs })

  it('comes a little earlier than it was agreed, for the clocks are two', () => {
    expect(end([by('asked-by-publisher')], true, 60_000)).toBe('paused-too-long')
    expect(end([by('asked-by-publisher')], true, 52_000)).toBe('paused-too-long')
    expect(end([by('asked-by-publisher')], true, 40_000)).toBeUndefined()
    expect(end([by('owner-busy')], false, 60_000)).toBe('provider-paused-too-long')
  })

  it('is its own where it wanted the pause, though it never heard that it began', () => {
    expect(end([], true, 0, 60_000)).toBe('paused-too-long')
    expect(end([], true, 0, 40_000)).toBeUndefined()
    expect(end([], false, 0, 60_000)).toBeUndefined()
  })
})
