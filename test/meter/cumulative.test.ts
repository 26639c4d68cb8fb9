import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { taken, totalOf, ZERO_COUNTERS } from '../../src/meter/cumulative.ts'

const sample = (cpuUs: bigint, memoryBytes = 0n) => ({ ...ZERO_COUNTERS, cpuUs, memoryBytes, netRxBytes: cpuUs * 2n })

describe('cumulative counters', () => {
  it('add up over incarnations; memory is that of now', () => {
    let now = taken(undefined, 'a', sample(10n, 5n))
    now = taken(now, 'a', sample(30n, 7n))
    now = taken(now, 'b', sample(4n, 1n))
    expect(totalOf(now)).toEqual({ ...ZERO_COUNTERS, cpuUs: 34n, netRxBytes: 68n, memoryBytes: 1n })
    now = taken(now, 'c', sample(0n))
    expect(totalOf(now).cpuUs).toBe(34n)
  })

  it('never fall, whatever is read', () => {
    const reading = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.bigInt({ min: 0n, max: 1_000_000n }))
    fc.assert(
      fc.property(fc.array(reading), (readings) => {
        let now = taken(undefined, 'a', ZERO_COUNTERS)
        for (const [incarnation, cpuUs] of readings) {
          const next = taken(now, incarnation, sample(cpuUs))
          expect(totalOf(next).cpuUs >= totalOf(now).cpuUs).toBe(true)
          now = next
        }
      }),
    )
  })
})
