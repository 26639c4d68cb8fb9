import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { best, type Candidate } from '../../domain/pick.ts'

const one = (leaseId: string, hourlyMsat: bigint, marks: number): Candidate => ({ leaseId, hourlyMsat, marks })
const candidates = fc.uniqueArray(
  fc.record({
    leaseId: fc.stringMatching(/^[0-9a-f]{4}$/),
    hourlyMsat: fc.bigInt({ min: 0n, max: 3n }),
    marks: fc.nat({ max: 3 }),
  }),
  { selector: ({ leaseId }) => leaseId, maxLength: 12 },
)

describe('the best offers', () => {
  it('are the cheapest, then the fastest, then the first by id', () => {
    const all = [one('d', 2n, 9), one('c', 1n, 5), one('b', 1n, 5), one('a', 1n, 4)]
    expect(best(all, 4).map(({ leaseId }) => leaseId)).toEqual(['b', 'c', 'a', 'd'])
  })

  it('are as many as wanted, or all', () => {
    const all = [one('a', 1n, 1), one('b', 2n, 1)]
    expect(best(all, 0)).toEqual([])
    expect(best(all, 1)).toHaveLength(1)
    expect(best(all, 9)).toHaveLength(2)
    expect(best([], 3)).toEqual([])
  })

  it('are the same in whatever order they came, and those that came are left as they were', () => {
    fc.assert(
      fc.property(candidates, fc.nat({ max: 12 }), fc.infiniteStream(fc.nat()), (all, count, dice) => {
        const shuffled = all
          .map((each) => ({ each, at: dice.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each)
        const before = [...all]
        expect(best(shuffled, count)).toEqual(best(all, count))
        expect(all).toEqual(before)
      }),
    )
  })

  it('leave no better one behind', () => {
    fc.assert(
      fc.property(candidates, fc.nat({ max: 12 }), (all, count) => {
        const taken = best(all, count)
        const dearest = taken.at(-1)
        for (const left of all.filter((each) => !taken.includes(each)))
          if (dearest) expect(left.hourlyMsat >= dearest.hourlyMsat).toBe(true)
        expect(taken).toHaveLength(Math.min(count, all.length))
      }),
    )
  })
})
