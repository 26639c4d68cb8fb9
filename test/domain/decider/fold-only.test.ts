import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, assign, createMachine, fromPromise, raise, spawnChild } from 'xstate'
import { EVERY_CHART } from './every-chart.ts'
import { eventsOf, moreThanFolds } from './fold-only.ts'

const child = fromPromise(async () => 1)
const effect = () => {}

/** A chart for each thing that is not allowed: a check that has never failed is not known to check. */
const CANARIES: Readonly<Record<string, AnyStateMachine>> = {
  guard: createMachine({ on: { go: { guard: () => true, actions: assign({}) } } }),
  'named guard': createMachine({ initial: 'a', states: { a: { on: { go: { guard: 'may' } } } } }),
  invoke: createMachine({ initial: 'a', states: { a: { invoke: { src: child } } } }),
  after: createMachine({ initial: 'a', states: { a: { after: { 100: 'b' } }, b: {} } }),
  entry: createMachine({ initial: 'a', states: { a: { entry: assign({ x: 1 }) } } }),
  exit: createMachine({ initial: 'a', states: { a: { exit: assign({ x: 1 }) } } }),
  always: createMachine({ initial: 'a', states: { a: { always: 'b' }, b: {} } }),
  effect: createMachine({ on: { go: { actions: effect } } }),
  'named effect': createMachine({ on: { go: { actions: 'ring' } } }, { actions: { ring: effect } }),
  'missing action': createMachine({ on: { go: { actions: 'ring' } } }),
  raise: createMachine({ on: { go: { actions: raise({ type: 'again' }) } } }),
  'spawned child': createMachine({ on: { go: { actions: spawnChild(child) } } }),
  'spawn in an assign': createMachine({
    on: { go: { actions: assign({ kid: ({ spawn }) => spawn(child) }) } },
  }),
  'spawn in a whole assign': createMachine({
    on: { go: { actions: assign(({ spawn }) => ({ kid: spawn(child) })) } },
  }),
  wildcard: createMachine({ on: { '*': { actions: assign({}) } } }),
  final: createMachine({ initial: 'a', states: { a: { type: 'final' } } }),
  parallel: createMachine({ type: 'parallel', states: { a: {}, b: {} } }),
  'deep guard': createMachine({
    initial: 'a',
    states: { a: { initial: 'b', states: { b: { on: { go: { target: 'c', guard: () => false } } }, c: {} } } },
  }),
}

describe('charts only fold', () => {
  it.each(EVERY_CHART)('$name', ({ chart }) => {
    expect(moreThanFolds(chart)).toEqual([])
  })

  it.each(Object.entries(CANARIES))('a chart with %s is found', (_name, chart) => {
    expect(moreThanFolds(chart)).not.toEqual([])
  })

  it('a chart that folds is let through', () => {
    const folds = createMachine({ on: { go: { actions: assign({ n: 1 }) } } })
    expect(moreThanFolds(folds)).toEqual([])
  })

  it.each(EVERY_CHART)('$name knows every fact, and no other event', ({ chart, facts }) => {
    const known = facts(0)
      .map((fact) => fact.type)
      .sort()
    expect([...eventsOf(chart)].sort()).toEqual(known)
  })
})
