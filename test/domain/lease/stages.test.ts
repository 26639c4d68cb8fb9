import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../../domain/fact.ts'
import type { LeaseFact, Side } from '../../../domain/lease/facts.ts'
import { isOver, lease, stageOf } from '../../../domain/lease/lease.ts'
import { STAGE_DEADLINE_MS, STAGES, TERMINALS } from '../../../domain/lease/stage.ts'
import { fold } from '../../specification.ts'
import { leaseCommands, leaseFacts, upTo } from './sample.ts'

const BEFORE_MONEY = 'lapse refuse fail'
const AFTER_MONEY = 'provision fund notice end settle refund lapse refuse fail'
const OVER = 'settle refund lapse refuse fail'

/** Give up what nobody asked for, and take back what nobody said. */
const NEVER_WANTED = 'give-up-top-up withdraw-notice refuse-change resume'
const sorted = (words: string): string[] => words.split(' ').sort()

const row = (stage: string, history: (side: Side) => LeaseFact[], facts: string, nothing = '') =>
  ({
    stage,
    history,
    facts,
    nothing: `${NEVER_WANTED} ${nothing}`
      .trim()
      .split(' ')
      .filter((kind) => !facts.split(' ').includes(kind))
      .join(' '),
  }) as const
const after = (side: Side, ...names: (keyof ReturnType<typeof leaseFacts>)[]): LeaseFact[] =>
  names.map((name) => leaseFacts(1, side)[name])

/** What each command comes to in each state, on either side: those that make facts, those that change nothing; the rest are refused. */
const ROWS = [
  row('unknown', () => [], 'seek'),
  row('announce', (side) => upTo('sought', side), `match ${BEFORE_MONEY}`),
  row('connect', (side) => upTo('matched', side), `connect ${BEFORE_MONEY}`),
  row('challenge', (side) => upTo('connected', side), `challenge ${BEFORE_MONEY}`),
  row('negotiate', (side) => upTo('challenged', side), `offer ${BEFORE_MONEY}`),
  row('negotiate', (side) => upTo('offered', side), `counter agree ${BEFORE_MONEY}`, 'offer'),
  row('provision', (side) => upTo('agreed', side), `provision fund ${BEFORE_MONEY}`),
  row('provision', (side) => upTo('provisioned', side), `fund ${BEFORE_MONEY}`, 'provision'),
  row(
    'provision',
    (side) => [...upTo('agreed', side), ...after(side, 'lease.funded')],
    'provision end settle refund',
    'fund',
  ),
  row(
    'meter',
    (side) => upTo('funded', side),
    'meter pay starve want-pause pause shrink want-top-up top-up notice want-change offer-change agree-change end settle refund',
    'provision fund',
  ),
  row(
    'meter',
    (side) => [...upTo('funded', side), ...after(side, 'lease.starved')],
    'meter pay want-pause pause shrink want-top-up top-up notice want-change offer-change agree-change end settle refund',
    'provision fund starve',
  ),
  row(
    'meter',
    (side) => [...upTo('funded', side), ...after(side, 'lease.paused')],
    'pay want-pause resume shrink want-top-up top-up notice want-change offer-change agree-change end settle refund',
    'provision fund starve pause',
  ),
  row(
    'settle',
    (side) => [...upTo('funded', side), ...after(side, 'lease.ended')],
    'meter pay top-up release settle refund',
    'provision fund notice end',
  ),
  row(
    'settled',
    (side) => [...upTo('funded', side), ...after(side, 'lease.ended', 'lease.settled')],
    'release',
    AFTER_MONEY,
  ),
  row(
    'refunded',
    (side) => [...upTo('funded', side), ...after(side, 'lease.ended', 'lease.refunded')],
    'release',
    AFTER_MONEY,
  ),
  row('lapsed', (side) => [...upTo('sought', side), ...after(side, 'lease.lapsed')], '', OVER),
  row('refused', (side) => [...upTo('sought', side), ...after(side, 'lease.refused')], '', OVER),
  row('failed', (side) => [...upTo('sought', side), ...after(side, 'lease.failed')], '', OVER),
]

const SIDES: readonly Side[] = ['publisher', 'provider']

describe.each(SIDES)('the %s’s lease', (side) => {
  it.each(ROWS)('in $stage makes facts of: $facts', ({ history, facts, nothing, stage }) => {
    const state = fold(lease, history(side))
    expect(stageOf(state)).toBe(stage)
    const made: string[] = []
    const unchanged: string[] = []
    for (const command of Object.values(leaseCommands(side))) {
      const decided = lease.decide(command, state)
      if (isRefusal(decided)) continue
      if (decided.length === 0) unchanged.push(command.kind)
      else made.push(command.kind)
    }
    // The provider takes what it has offered alone.
    expect(made.join(' ')).toBe(side === 'provider' ? facts.replace('agree-change ', '') : facts)
    expect(unchanged.sort()).toEqual(sorted(nothing))
  })

  it('is over in its terminals and nowhere else', () => {
    for (const { history, stage } of ROWS)
      expect(isOver(fold(lease, history(side))), stage).toBe((TERMINALS as readonly string[]).includes(stage))
  })
})

describe('stages', () => {
  it('are the seven, and five ends, and all of them are in the chart', () => {
    const seen = new Set(ROWS.map(({ stage }) => stage))
    expect([...seen].sort()).toEqual(['unknown', ...STAGES, ...TERMINALS].sort())
    expect(STAGES).toHaveLength(7)
  })

  it('before the machine runs have each a deadline', () => {
    expect(Object.keys(STAGE_DEADLINE_MS).sort()).toEqual(STAGES.filter((s) => s !== 'meter' && s !== 'settle').sort())
    for (const limit of Object.values(STAGE_DEADLINE_MS)) expect(limit).toBeGreaterThan(0)
  })
})
