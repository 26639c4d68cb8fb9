import { describe, expect, it } from 'vitest'
import { ADMISSION_EVERY_MS, ADMISSIONS_AT_ONCE, Admissions } from '../../src/lease/publisher/admissions.ts'

const opened = () => {
  let us = 0
  const admissions = new Admissions({ steadyUs: () => us })
  const takeAll = (remote: string): number => {
    let taken = 0
    while (taken < 2 * ADMISSIONS_AT_ONCE && admissions.take(remote)) taken++
    return taken
  }
  const wait = (ms: number): void => {
    us += ms * 1_000
  }
  return { takeAll, wait }
}

describe('strangers that begin leases', () => {
  it('have so many at once, whatever port they call from, and one more after a while', () => {
    const { takeAll, wait } = opened()
    expect(takeAll('198.51.100.7:4000')).toBe(ADMISSIONS_AT_ONCE)
    expect(takeAll('198.51.100.7:4001')).toBe(0)
    wait(3 * ADMISSION_EVERY_MS)
    expect(takeAll('198.51.100.7:4002')).toBe(3)
  })

  it('do not take from those at another address', () => {
    const { takeAll } = opened()
    takeAll('198.51.100.7:4000')
    expect(takeAll('198.51.100.8:4000')).toBe(ADMISSIONS_AT_ONCE)
  })

  it('share what a whole IPv6 network has', () => {
    const { takeAll } = opened()
    expect(takeAll('2001:db8:1:2::1:4000')).toBe(ADMISSIONS_AT_ONCE)
    expect(takeAll('2001:db8:1:2:ffff::9:4000')).toBe(0)
    expect(takeAll('2001:db8:1:3::1:4000')).toBe(ADMISSIONS_AT_ONCE)
    expect(takeAll('::ffff:192.0.2.1:4000')).toBe(ADMISSIONS_AT_ONCE)
    expect(takeAll('::ffff:192.0.2.2:4000')).toBe(ADMISSIONS_AT_ONCE)
  })
})
