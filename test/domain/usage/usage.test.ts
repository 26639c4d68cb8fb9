import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addUsage,
  impossibleUsage,
  mapUsage,
  NO_USAGE,
  possibleUsage,
  sameUsage,
  USAGE_KEYS,
  USAGE_SLACK_US,
  type UsageVector,
} from '../../../domain/usage.ts'

const RESOURCES = { cpuMillis: 1_500, memoryBytes: 2 ** 30, diskBytes: 2 ** 31, pids: 64 }
const CAPS = { ioBytesPerS: 1_000_000n, netBytesPerS: 500_000n }
const SECOND = 1_000_000n
const HOUR = 3_600n * SECOND
const limits = (elapsedUs: bigint) => ({ resources: RESOURCES, caps: CAPS, elapsedUs })
const most = (wallUs: bigint): UsageVector => possibleUsage(RESOURCES, CAPS, wallUs)

const counter = fc.bigInt({ min: 0n, max: 10n ** 15n })
const usages = fc.tuple(...USAGE_KEYS.map(() => counter)).map((all) => mapUsage((key) => all[USAGE_KEYS.indexOf(key)]!))
const wall = fc.bigInt({ min: 0n, max: 100n * HOUR })
const share = fc.bigInt({ min: 0n, max: 1_000n })

describe('usage', () => {
  it('has every counter in its list of keys', () => {
    expect([...USAGE_KEYS].sort()).toEqual(Object.keys(NO_USAGE).sort())
    expect(Object.keys(possibleUsage(RESOURCES, CAPS, 1n)).sort()).toEqual(Object.keys(NO_USAGE).sort())
  })

  it('adds as numbers do', () => {
    fc.assert(
      fc.property(usages, usages, usages, (a, b, c) => {
        expect(addUsage(a, NO_USAGE)).toEqual(a)
        expect(addUsage(a, b)).toEqual(addUsage(b, a))
        expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(b, c)))
      }),
    )
  })

  it.each(USAGE_KEYS)('is another one when %s differs', (key) => {
    expect(sameUsage(NO_USAGE, { ...NO_USAGE })).toBe(true)
    expect(sameUsage(NO_USAGE, { ...NO_USAGE, [key]: 1n })).toBe(false)
  })

  it('is possible up to the limits', () => {
    expect(most(2n * SECOND)).toEqual({
      wallUs: 2n * SECOND,
      cpuUs: 3n * SECOND,
      memByteSeconds: 2n ** 31n,
      diskByteSeconds: 2n ** 32n,
      ioReadBytes: 2_000_000n,
      ioWriteBytes: 2_000_000n,
      netRxBytes: 1_000_000n,
      netTxBytes: 1_000_000n,
    })
    expect(sameUsage(most(0n), NO_USAGE)).toBe(true)
  })

  it('rounds what is possible up, never down', () => {
    expect(most(1n)).toMatchObject({ cpuUs: 2n, ioReadBytes: 1n, netTxBytes: 1n })
  })
})

describe('impossible usage', () => {
  it.each(USAGE_KEYS)('%s fell', (key) => {
    const before = most(10n * SECOND)
    const after = { ...before, [key]: before[key] - 1n }
    expect(impossibleUsage(before, after, limits(10n * SECOND))).toContain(key)
  })

  it.each(USAGE_KEYS.filter((key) => key !== 'wallUs'))('%s is above what the limits allow', (key) => {
    const after = most(10n * SECOND)
    const ceiling = most(10n * SECOND + USAGE_SLACK_US)[key]
    expect(impossibleUsage(NO_USAGE, { ...after, [key]: ceiling }, limits(10n * SECOND))).toBeUndefined()
    expect(impossibleUsage(NO_USAGE, { ...after, [key]: ceiling + 1n }, limits(10n * SECOND))).toContain(key)
  })

  it('wall time is above what went by, slack apart', () => {
    const at = (wallUs: bigint) => impossibleUsage(NO_USAGE, { ...NO_USAGE, wallUs }, limits(10n * SECOND))
    expect(at(10n * SECOND + USAGE_SLACK_US)).toBeUndefined()
    expect(at(10n * SECOND + USAGE_SLACK_US + 1n)).toContain('wallUs')
  })

  it('a counter below zero', () => {
    for (const key of USAGE_KEYS)
      expect(impossibleUsage(NO_USAGE, { ...NO_USAGE, [key]: -1n }, limits(SECOND))).toContain(key)
  })

  it('the slack is of all ticks together, and is not granted anew by each', () => {
    const slack = most(USAGE_SLACK_US)
    const first = addUsage(most(SECOND), { ...slack, wallUs: 0n })
    expect(impossibleUsage(NO_USAGE, first, limits(SECOND))).toBeUndefined()
    const second = addUsage(first, addUsage(most(SECOND), { ...slack, wallUs: 0n }))
    expect(impossibleUsage(first, second, limits(2n * SECOND))).toBeDefined()
  })

  it('is none of what an honest meter says', () => {
    fc.assert(
      fc.property(wall, wall, fc.array(share, { minLength: 8, maxLength: 8 }), (first, more, shares) => {
        const part = (of: UsageVector) => mapUsage((key) => (of[key] * shares[USAGE_KEYS.indexOf(key)]!) / 1_000n)
        const before = { ...part(most(first)), wallUs: first }
        const after = { ...addUsage(before, part(most(more))), wallUs: first + more }
        expect(impossibleUsage(before, after, limits(first + more))).toBeUndefined()
      }),
    )
  })

  it('is all that goes above, in whichever counter and by how much ever', () => {
    fc.assert(
      fc.property(wall, fc.constantFrom(...USAGE_KEYS), fc.bigInt({ min: 1n, max: 10n ** 18n }), (wallUs, key, by) => {
        const after = { ...most(wallUs), [key]: most(wallUs + USAGE_SLACK_US)[key] + by }
        expect(impossibleUsage(NO_USAGE, after, limits(wallUs))).toBeDefined()
      }),
    )
  })
})
