import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assign, createMachine } from 'xstate'
import { chartFingerprint } from '../../../domain/chart-fingerprint.ts'
import { decode, encode } from '../../../domain/codec.ts'
import type { Fact } from '../../../domain/fact.ts'
import { type AnyState, EVERY_CHART } from './every-chart.ts'

const walk = fc.array(fc.tuple(fc.nat({ max: 999 }), fc.nat({ max: 40 })), { maxLength: 30 })
const plain = ({ value, context, status, children }: AnyState) => ({ value, context, status, children })

describe.each(EVERY_CHART)('states of $name outside of memory', ({ decider, facts }) => {
  const { freeze, thaw } = decider.keeping!
  const legalIn = (state: AnyState, [pick, salt]: [number, number]): Fact | undefined => {
    const legal = facts(salt).filter((fact) => state.can(fact as never))
    return legal[pick % Math.max(1, legal.length)]
  }

  it('are the same when they come back, and go on as they would have', () => {
    fc.assert(
      fc.property(walk, walk, (first, then) => {
        let kept = decider.initial
        for (const choice of first) {
          const fact = legalIn(kept, choice)
          if (fact !== undefined) kept = decider.evolve(kept, fact)
        }
        let thawed = thaw(decode(encode(freeze(kept))))!
        for (const choice of then) {
          expect(plain(thawed)).toEqual(plain(kept))
          expect(Object.keys(thawed.context as object).sort()).toEqual(Object.keys(kept.context as object).sort())
          const fact = legalIn(kept, choice)
          expect(legalIn(thawed, choice)).toEqual(fact)
          if (fact === undefined) break
          kept = decider.evolve(kept, fact)
          thawed = decider.evolve(thawed, fact)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('are not taken for a state when they are none of this chart', () => {
    const { context } = freeze(decider.initial) as { context: object }
    for (const value of ['gone', { gone: 'x' }, 3, null, [], undefined])
      expect(thaw({ value, context })).toBeUndefined()
    for (const frozen of [undefined, null, 'text', {}, { value: 'unknown' }, { value: 'unknown', context: 1 }]) {
      expect(thaw(frozen)).toBeUndefined()
    }
    expect(plain(thaw(freeze(decider.initial))!)).toEqual(plain(decider.initial))
  })

  it('of a place that has got places of its own are none either', () => {
    expect(
      thaw({ value: Object.keys(decider.initial.value as object).length ? 'x' : { unknown: 'deep' }, context: {} }),
    ).toBeUndefined()
  })
})

describe('the fingerprint of a chart', () => {
  const chart = (change: { to?: string; add?: number; begin?: object; more?: object } = {}) => {
    const { to = 'b', add = 1, begin = { n: 0 }, more = {} } = change
    const one = assign({ n: ({ context }: { context: { n: number } }) => context.n + 1 })
    const two = assign({ n: ({ context }: { context: { n: number } }) => context.n + 2 })
    const actions = add === 1 ? one : two
    return createMachine({
      context: begin,
      initial: 'a',
      states: { a: { on: { go: { target: to, actions } } }, b: {}, c: {}, ...more },
    } as never)
  }
  const own = chartFingerprint(chart(), 1)

  it('is the same for the same rules', () => expect(chartFingerprint(chart(), 1)).toBe(own))

  it.each([
    ['a fact leads elsewhere', chartFingerprint(chart({ to: 'c' }), 1)],
    ['an assignment has another source', chartFingerprint(chart({ add: 2 }), 1)],
    ['it begins with something else', chartFingerprint(chart({ begin: { n: 1n } }), 1)],
    ['there is another state', chartFingerprint(chart({ more: { d: {} } }), 1)],
    ['its fold version is another', chartFingerprint(chart(), 2)],
  ])('is another when %s', (_what, other) => expect(other).not.toBe(own))
})
