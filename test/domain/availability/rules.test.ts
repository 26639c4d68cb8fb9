import { describe, expect, it } from 'vitest'
import type { Availability, Served, Span } from '../../../domain/availability/availability.ts'
import { availableEnough, LEAST_SEEN_MS, LEAST_SPAN_MS, seenEnough } from '../../../domain/availability/rules.ts'

const told = (change: Partial<Span> = {}): Availability => {
  const month = { spanMs: LEAST_SPAN_MS, lentPermille: 1_000, servedMs: 0, leases: 0, broken: 0, ...change }
  return { week: month, month, hoursOfWeek: [] }
}
const saw = (change: Partial<Served> = {}): Served => ({
  servedMs: LEAST_SEEN_MS,
  fullPermille: 950,
  leases: 1,
  broken: 0,
  ...change,
})

describe('whether a provider was available enough', () => {
  it('does not matter to who does not ask', () => {
    expect(availableEnough(undefined, undefined)).toMatchObject({ ok: true, want: 'any', have: 'unknown' })
    expect(seenEnough(undefined, saw({ fullPermille: 0 })).ok).toBe(true)
  })

  it('goes by the lesser of what was lent and what was served in full', () => {
    expect(availableEnough(950, told({ lentPermille: 950 })).ok).toBe(true)
    expect(availableEnough(950, told({ lentPermille: 949 })).ok).toBe(false)
    expect(availableEnough(950, told({ fullPermille: 949 })).ok).toBe(false)
  })

  it('is not told by less than a day, nor by nothing', () => {
    expect(availableEnough(1, told({ spanMs: LEAST_SPAN_MS - 1 }))).toEqual({
      rule: 'availability',
      ok: false,
      want: '0.1 %, over a day at least',
      have: '100 % over 23 h',
    })
    expect(availableEnough(0, undefined).ok).toBe(false)
  })

  it('is spoken against by what was seen, and never for', () => {
    expect(seenEnough(950, saw()).ok).toBe(true)
    expect(seenEnough(951, saw())).toEqual({
      rule: 'availability-seen',
      ok: false,
      want: '95.1 % of own leases’ time',
      have: '95 % of 60 min',
    })
    expect(seenEnough(951, saw({ servedMs: LEAST_SEEN_MS - 1 })).ok).toBe(true)
    expect(seenEnough(951, undefined).ok).toBe(true)
  })
})
