import { describe, expect, it } from 'vitest'
import { believedEnd, ENDS, type EndCode } from '../../../domain/lease/ends.ts'

const CODES = Object.keys(ENDS) as EndCode[]

describe('what a side believes of the other one’s end', () => {
  it('lets a publisher say what only it can know, and takes all else for its wish to stop', () => {
    const own = ['stopped-by-publisher', 'usage-impossible', 'usage-mismatch', 'bad-voucher']
    own.push('provider-silent', 'daily-budget-used')
    for (const code of CODES) {
      expect(believedEnd(code, 'publisher', false)).toBe(own.includes(code) ? code : 'stopped-by-publisher')
    }
  })

  it('lets no provider speak for the publisher', () => {
    for (const code of ['usage-impossible', 'provider-silent', 'stopped-by-publisher'] as const) {
      expect(believedEnd(code, 'provider', false)).toBe('stopped-by-provider')
    }
    for (const code of ['bad-voucher', 'machine-exited', 'unpaid', 'duration-reached'] as const) {
      expect(believedEnd(code, 'provider', false)).toBe(code)
    }
  })

  it('believes a provider that repeats what it was asked for', () => {
    expect(believedEnd('stopped-by-publisher', 'provider', true)).toBe('stopped-by-publisher')
  })
})
