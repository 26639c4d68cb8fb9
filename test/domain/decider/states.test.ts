import { describe, expect, it } from 'vitest'
import { acceptedFacts } from '../../../domain/accepts.ts'
import type { Fact } from '../../../domain/fact.ts'
import { fold } from '../../specification.ts'
import { EVERY_CHART } from './every-chart.ts'
import { leavesOf } from './fold-only.ts'

/** A way to each state, fact by fact without the stream's name. A new state has no test until it stands here. */
const LEASE = {
  unknown: '',
  announce: 'sought',
  connect: 'sought matched',
  challenge: 'sought matched connected',
  negotiate: 'sought matched connected challenged',
  'provision.bare': 'sought matched connected challenged agreed',
  'provision.made': 'sought matched connected challenged agreed provisioned',
  'provision.funded': 'sought matched connected challenged agreed funded',
  'meter.flowing': 'sought matched connected challenged agreed provisioned funded',
  'meter.paused': 'sought matched connected challenged agreed provisioned funded paused',
  'meter.starved': 'sought matched connected challenged agreed provisioned funded starved',
  settle: 'sought matched connected challenged agreed funded ended',
  settled: 'sought matched connected challenged agreed funded ended settled',
  refunded: 'sought matched connected challenged agreed funded ended refunded',
  lapsed: 'sought lapsed',
  refused: 'sought refused',
  failed: 'sought failed',
}

const WAYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'lease, publisher': LEASE,
  'lease, provider': LEASE,
  channel: {
    unknown: '',
    proposed: 'proposed',
    'live.funded': 'proposed funded',
    'live.open': 'proposed funded opened',
    closing: 'proposed funded closing',
    refunding: 'proposed funded refunding',
    closed: 'closed',
    refunded: 'refunded',
  },
  announcement: {
    unknown: '',
    posted: 'posted',
    standing: 'seen',
    withdrawn: 'seen withdrawn',
    expired: 'seen expired',
  },
  claim: { free: '', held: 'taken' },
  effect: {
    unknown: '',
    open: 'asked',
    parked: 'asked parked',
    done: 'asked done',
    dropped: 'asked dropped',
  },
  timer: { unset: '', set: 'set', fired: 'set fired', cancelled: 'set cancelled' },
}

const pathOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as object)
        .flatMap(([key, rest]) => [key, pathOf(rest)])
        .join('.')

describe.each(EVERY_CHART)('states of $name', ({ name, chart, decider, facts }) => {
  const stream = name.split(',')[0]!
  const ways = WAYS[name]!
  const historyOf = (way: string): Fact[] =>
    way
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => facts(1).find((fact) => fact.type === `${stream}.${word}`)!)

  it('have all a way that leads there', () => {
    expect(Object.keys(ways).sort()).toEqual([...leavesOf(chart)].sort())
  })

  it.each(Object.entries(ways))('%s: %s', (path, way) => {
    expect(pathOf(fold(decider, historyOf(way)).value)).toBe(path)
  })

  it.each(Object.entries(ways))('%s says which facts it accepts', (_, way) => {
    const state = fold(decider, historyOf(way))
    const can = facts(1).filter((fact) => state.can(fact as never))
    expect(acceptedFacts(state)).toEqual([...new Set(can.map((fact) => fact.type))].sort())
  })
})
