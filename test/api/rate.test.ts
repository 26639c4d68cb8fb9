import { describe, expect, it } from 'vitest'
import { MAX_COST } from '../../src/api/limits.ts'
import { Buckets, Charges } from '../../src/api/rate.ts'
import { OWNER, type Session } from '../../src/api/session/principal.ts'
import { systemClock } from '../../src/clock/system.ts'

const clock = { ...systemClock, us: 0, steadyUs: () => clock.us }
const after = (seconds: number): void => {
  clock.us += seconds * 1e6
}

describe('a bucket', () => {
  it('gives what is in it, fills again, and says how long that takes', () => {
    const buckets = new Buckets({ burst: 10, perSecond: 2 }, clock)
    expect(buckets.take('a', 10)).toBe(0)
    expect(buckets.take('a', 4)).toBe(2)
    expect(buckets.take('b', 4)).toBe(0)
    after(2)
    expect(buckets.take('a', 4)).toBe(0)
    expect(buckets.take('a', 1)).toBe(1)
  })

  it('never holds more than its burst, and what costs more is had for a full one', () => {
    const buckets = new Buckets({ burst: 10, perSecond: 2 }, clock)
    after(1_000)
    expect(buckets.take('a', 50)).toBe(0)
    expect(buckets.take('a', 50)).toBe(5)
  })
})

describe('charges', () => {
  const session: Session = {
    kind: 'session',
    id: 's',
    key: 'k',
    scopes: new Set(),
    spendLimitSats: 0n,
    issuedAt: 0,
    expiresAt: 1,
  }
  const charges = (): Charges => new Charges(clock, { burst: 1_000, perSecond: 100 }, { burst: 3, perSecond: 1 })

  it('go by what a document asks for', () => {
    const dear = '{ leases(first: 100) { edges { node { id stage } } } }'
    const some = charges()
    expect(some.document(session, 'x', dear)).toBe(0)
    expect([1, 2, 3, 4].map(() => some.document(session, 'x', dear)).at(-1)).toBeGreaterThan(0)
    const cheap = charges()
    expect(Array.from({ length: 50 }, () => cheap.document(session, 'x', '{ status { network } }'))).not.toContain(1)
  })

  it('are the owner’s never, and an address’s for what brings no session', () => {
    const some = charges()
    const bomb = `{ ${'leases(first: 100) { edges { cursor } } '.repeat(20)} }`
    expect([1, 2, 3, 4, 5, 6].map(() => some.document(OWNER, 'x', bomb))).toEqual([0, 0, 0, 0, 0, 0])
    expect([1, 2, 3, 4].map(() => some.unknown('x'))).toEqual([0, 0, 0, 1])
    expect(some.unknown('y')).toBe(0)
  })

  it('for what cannot be parsed are small', () => {
    const some = charges()
    expect(Array.from({ length: 20 }, () => some.document(session, 'x', `{ ${'{'.repeat(MAX_COST)}`))).not.toContain(1)
  })
})
