import { describe, expect, it } from 'vitest'
import type { Culprit } from '../../../domain/fault.ts'
import { ENDS, FAILURES, isEndCode, isFailureCode, reasonOf } from '../../../domain/lease/ends.ts'
import { lease } from '../../../domain/lease/lease.ts'
import { given } from '../../specification.ts'
import { metered, upTo } from './sample.ts'

/** Every culprit there is; the type sees to it that none is forgotten. */
const CULPRITS: Readonly<Record<Culprit, true>> = {
  publisher: true,
  provider: true,
  'peer-unreachable': true,
  chain: true,
  host: true,
}
const endCodes = Object.keys(ENDS).filter(isEndCode)
const failureCodes = Object.keys(FAILURES).filter(isFailureCode)

describe('the reasons for which a lease is over', () => {
  it.each([...endCodes, ...failureCodes])('%s says whose doing it was, and what to do next', (code) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(Object.keys(CULPRITS)).toContain(reasonOf(code).culprit)
    expect(reasonOf(code).next).toMatch(/^[A-Z].*\.$/)
  })

  it('are ends or failures, never both', () => {
    expect(endCodes.filter((code) => isFailureCode(code))).toEqual([])
    expect(failureCodes.filter((code) => isEndCode(code))).toEqual([])
  })

  it('are none of what every object has', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
      expect(isEndCode(name)).toBe(false)
      expect(isFailureCode(name)).toBe(false)
    }
  })

  it.each(endCodes)('%s ends a lease, with its culprit', (code) => {
    const { culprit } = ENDS[code]
    given(lease, ...metered(1, 2_000n))
      .when({ kind: 'end', at: 1, code, why: 'so' })
      .yields({ type: 'lease.ended', at: 1, code, culprit, why: 'so' })
  })

  it.each(failureCodes)('%s refuses or fails a lease, with its culprit', (code) => {
    const { culprit } = FAILURES[code]
    const reason = { at: 1, code, why: 'so' }
    given(lease, ...upTo('connected'))
      .when({ kind: 'refuse', ...reason })
      .yields({ type: 'lease.refused', culprit, ...reason })
    given(lease, ...upTo('connected'))
      .when({ kind: 'fail', ...reason })
      .yields({ type: 'lease.failed', culprit, ...reason })
  })
})
