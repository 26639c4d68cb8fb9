import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assign, setup, transition } from 'xstate'
import { decode, encode } from '../../../domain/codec.ts'
import { chartDecider, IllegalFact, inSequence, type StateOf } from '../../../domain/decider.ts'
import { type Fact, isRefusal, type Refusal } from '../../../domain/fact.ts'
import { fold, given } from '../../specification.ts'
import { type AnyState, EVERY_CHART } from './every-chart.ts'

/** Chooses a legal fact at each step; a state that allows none ends the walk. */
const walk = fc.array(fc.tuple(fc.nat({ max: 999 }), fc.nat({ max: 40 })), { maxLength: 30 })
const plain = ({ value, context, status, children }: AnyState) => ({ value, context, status, children })

describe.each(EVERY_CHART)('chartDecider with $name', ({ chart, decider, facts, commands }) => {
  const legalIn = (state: AnyState, [pick, salt]: [number, number]): Fact | undefined => {
    const legal = facts(salt).filter((fact) => state.can(fact as never))
    return legal[pick % Math.max(1, legal.length)]
  }

  it('steps exactly as XState’s own transition() does', () => {
    fc.assert(
      fc.property(walk, (choices) => {
        let state = decider.initial
        for (const choice of choices) {
          const fact = legalIn(state, choice)
          if (fact === undefined) break
          const [theirs, actions] = transition(chart, state as never, fact)
          state = decider.evolve(state, fact)
          expect(plain(state)).toEqual(plain(theirs as AnyState))
          expect(actions).toEqual([])
        }
      }),
      { numRuns: 100 },
    )
  })

  it('changes no state that it was given', () => {
    fc.assert(
      fc.property(walk, (choices) => {
        let state = decider.initial
        for (const choice of choices) {
          const fact = legalIn(state, choice)
          if (fact === undefined) break
          const before = encode(plain(state))
          const next = decider.evolve(state, fact)
          expect(encode(plain(state))).toBe(before)
          state = next
        }
      }),
      { numRuns: 50 },
    )
  })

  it('goes on from a state that was stored as text', () => {
    fc.assert(
      fc.property(walk, walk, (first, then) => {
        let kept = decider.initial
        for (const choice of first) {
          const fact = legalIn(kept, choice)
          if (fact !== undefined) kept = decider.evolve(kept, fact)
        }
        const stored = decode(encode({ value: kept.value, context: kept.context })) as never
        let restored = chart.resolveState(stored) as unknown as AnyState
        expect(plain(restored)).toEqual(plain(kept))
        for (const choice of then) {
          const fact = legalIn(kept, choice)
          expect(legalIn(restored, choice)).toEqual(fact)
          if (fact === undefined) break
          kept = decider.evolve(kept, fact)
          restored = decider.evolve(restored, fact)
          expect(plain(restored)).toEqual(plain(kept))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('throws on a stored fact that may not follow', () => {
    fc.assert(
      fc.property(walk, fc.nat({ max: 40 }), (choices, salt) => {
        let state = decider.initial
        for (const choice of choices) {
          const fact = legalIn(state, choice)
          if (fact !== undefined) state = decider.evolve(state, fact)
        }
        for (const fact of facts(salt).filter((each) => !state.can(each as never)))
          expect(() => decider.evolve(state, fact)).toThrow(IllegalFact)
        expect(() => decider.evolve(state, { type: 'nothing.known', at: 1 })).toThrow(IllegalFact)
      }),
      { numRuns: 50 },
    )
  })

  it('decides only what folds, and a command at once repeated makes no fact', () => {
    // The first command that makes a fact leads onwards; the others lead astray.
    const step = fc.tuple(fc.oneof(fc.constant(0), fc.nat({ max: 999 })), fc.integer({ min: 1, max: 12 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let state = decider.initial
        for (const [pick, salt] of steps) {
          const ways: AnyState[] = []
          for (const command of commands(salt)) {
            const decided = decider.decide(command, state)
            if (isRefusal(decided) || decided.length === 0) continue
            const next = decided.reduce((made, fact) => decider.evolve(made, fact), state)
            const again = decider.decide(command, next)
            if (!isRefusal(again)) expect(again, command.kind).toEqual([])
            ways.push(next)
          }
          const next = ways[pick % Math.max(1, ways.length)]
          if (next === undefined) break
          state = next
        }
      }),
      { numRuns: 100 },
    )
  })
})

/** A door with a chime: two facts from one command, one that can be illegal. */
type DoorFact =
  | { type: 'door.opened'; at: number }
  | { type: 'door.shut'; at: number }
  | { type: 'door.rang'; at: number }
type Door = 'open' | 'shut' | 'open-and-shut' | 'ring' | 'kick'
const doorChart = setup({ types: { context: {} as { rings: number }, events: {} as DoorFact } }).createMachine({
  context: { rings: 0 },
  initial: 'closed',
  states: {
    closed: {
      on: { 'door.opened': 'ajar', 'door.rang': { actions: assign({ rings: ({ context }) => context.rings + 1 }) } },
    },
    ajar: { on: { 'door.shut': 'closed' } },
  },
})
const OPENED: DoorFact = { type: 'door.opened', at: 1 }
const SHUT: DoorFact = { type: 'door.shut', at: 1 }
const RANG: DoorFact = { type: 'door.rang', at: 1 }
const FACTS: Readonly<Record<Exclude<Door, 'kick'>, readonly DoorFact[]>> = {
  open: [OPENED],
  shut: [SHUT],
  'open-and-shut': [OPENED, SHUT],
  ring: [RANG],
}
const doorPropose = (command: Door, state: StateOf<typeof doorChart>): readonly DoorFact[] | Refusal<'rude'> => {
  if (command === 'kick') return { refused: 'rude', why: 'no kicking' }
  return command === 'open' && state.value === 'ajar' ? [] : FACTS[command]
}
const door = chartDecider(doorChart, doorPropose)

describe('chartDecider', () => {
  it('begins where the chart begins', () => {
    expect(door.initial.value).toBe('closed')
    expect(door.initial.context).toEqual({ rings: 0 })
  })

  it('answers with the judgement’s refusal', () => given(door).when('kick').refuses('rude'))

  it('changes nothing when nothing has to change', () => given(door, OPENED).when('open').changesNothing())

  it('refuses a fact that the chart does not allow', () => given(door).when('shut').refuses('illegal'))

  it('lets each fact follow the ones before it in the same command', () => {
    expect(given(door).when('open-and-shut').yields(OPENED, SHUT).value).toBe('closed')
  })

  it('refuses all of a command when its second fact is illegal', () =>
    given(door, OPENED).when('ring').refuses('illegal'))

  it('adds facts up', () => expect(fold(door, [RANG, RANG, OPENED]).context.rings).toBe(2))
})

describe('inSequence', () => {
  const doors = inSequence(door)

  it('judges each command in the state that those before it make', () =>
    given(doors).when(['ring', 'open', 'shut', 'ring']).yields(RANG, OPENED, SHUT, RANG))

  it('makes all happen, or none', () => {
    given(doors).when(['ring', 'open', 'kick']).refuses('rude')
    given(doors).when(['ring', 'open', 'ring']).refuses('illegal')
  })

  it('changes nothing for no commands, or for those that change nothing', () => {
    given(doors).when([]).changesNothing()
    given(doors, OPENED).when(['open', 'open']).changesNothing()
  })

  it('begins and folds as its decider does', () => {
    expect(doors.initial).toBe(door.initial)
    expect(doors.evolve(doors.initial, OPENED)).toEqual(door.evolve(door.initial, OPENED))
    expect(() => doors.evolve(doors.initial, SHUT)).toThrow(IllegalFact)
  })
})
