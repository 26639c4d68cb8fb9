import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Seen, tryPolicy } from '../../../domain/dry-run/what-if.ts'
import type { Policy } from '../../../domain/match.ts'
import { mapPrice } from '../../../domain/price.ts'
import { AUTHOR, BODY } from '../announcement/sample.ts'

const POLICY: Policy = {
  ask: mapPrice(() => 1_000_000n),
  floor: mapPrice(() => 500_000n),
  images: [BODY.image],
  isolation: 'container',
  bridgeAllowed: false,
  maxDurationMs: BODY.maxDurationMs,
  maxLeases: 10,
}
/** Room for two of the machines that are wanted. */
const TOTAL = { cpuMillis: 4_000, memoryBytes: 2 ** 31, diskBytes: 2 ** 32, pids: 256 }
const at = (ms: number, change: Partial<typeof BODY> = {}): Seen => ({
  at: ms,
  request: { publisherKey: AUTHOR, expiryHeight: 1, body: { ...BODY, count: 1, ...change } },
})
// Full use for an hour, and the start.
const HOUR = 7_000_000n

describe('what rules would have made of announcements', () => {
  it('is a machine for each that matches and fits, at the price asked', () => {
    const { machines, matched, earnedMsat } = tryPolicy([at(0), at(1), at(2)], POLICY, TOTAL)
    expect({ machines, matched, earnedMsat }).toEqual({ machines: 2, matched: 3, earnedMsat: 2n * HOUR })
  })

  it('has room again when a lease is over, in whatever order they are given', () => {
    const seen = [at(BODY.maxDurationMs + 1), at(1), at(0)]
    expect(tryPolicy(seen, POLICY, TOTAL)).toMatchObject({ machines: 3, earnedMsat: 3n * HOUR })
  })

  it('leases as many of an announcement as it wants, and as the rules allow', () => {
    expect(tryPolicy([at(0, { count: 50 })], POLICY, TOTAL).machines).toBe(2)
    expect(tryPolicy([at(0, { count: 50 })], { ...POLICY, maxLeases: 1 }, TOTAL).machines).toBe(1)
  })

  it('leases any number of small machines at once, and has their room again', () => {
    const small = { cpuMillis: 1, memoryBytes: 1, diskBytes: 1, pids: 1 }
    const vast = { cpuMillis: 65_535, memoryBytes: 2 ** 40, diskBytes: 2 ** 40, pids: 2 ** 20 }
    const policy = { ...POLICY, maxLeases: 10 ** 6 }
    const many = { resources: small, count: 65_535 }
    const seen = Array.from({ length: 300 }, (_, i) => at(i * BODY.maxDurationMs, many))
    expect(tryPolicy(seen, policy, vast).machines).toBe(300 * 65_535)
    expect(tryPolicy([at(0, many), at(1, many)], policy, vast).machines).toBe(65_535)
    expect(
      tryPolicy([at(0, many), at(1, many)], { ...policy, maxLeases: 65_540 }, { ...vast, cpuMillis: 10 ** 6 }),
    ).toMatchObject({ machines: 65_540 })
  })

  it('earns the ceiling where the price asked is above it and the least is not', () => {
    const tried = tryPolicy([at(0, { maxHourlyMsat: 5_000_000n })], POLICY, TOTAL)
    expect(tried).toMatchObject({ matched: 1, earnedMsat: 5_000_000n })
  })

  it('counts what each rule loses', () => {
    const seen = [at(0, { image: 'x' }), at(1, { image: 'x', machineNetwork: 'bridge' }), at(2)]
    expect(tryPolicy(seen, POLICY, TOTAL)).toMatchObject({
      matched: 1,
      exclusions: [
        { rule: 'image', excludes: 2, alone: 1 },
        { rule: 'network', excludes: 1, alone: 0 },
      ],
    })
  })

  it('matches no less when more is allowed', () => {
    const images = fc.array(fc.constantFrom('a', 'b', BODY.image), { maxLength: 3 })
    const seen = fc.array(
      fc.record({ image: fc.constantFrom('a', 'b', BODY.image), ms: fc.nat(), ceiling: fc.bigInt(0n, 10n ** 8n) }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(images, seen, fc.bigInt(0n, 1_000_000n), (allowed, all, less) => {
        const told = all.map(({ image, ms, ceiling }) => at(ms, { image, maxHourlyMsat: ceiling }))
        const before = tryPolicy(told, { ...POLICY, images: allowed }, TOTAL)
        const wider = { ...POLICY, images: ['*'], floor: mapPrice(() => 500_000n - less / 2n) }
        expect(tryPolicy(told, wider, TOTAL).matched).toBeGreaterThanOrEqual(before.matched)
        expect(before.matched + before.exclusions.reduce((sum, { alone }) => sum + alone, 0)).toBeLessThanOrEqual(
          all.length,
        )
      }),
    )
  })
})
