import { chartDecider, type StateOf } from '../decider.ts'
import type { Refusal } from '../fact.ts'
import { timerChart } from './chart.ts'
import type { TimerFact } from './facts.ts'

export type TimerCommand =
  /** Sets or moves it. One that has fired, or was cancelled, stays so: asking twice is once. */
  | {
      readonly kind: 'set'
      readonly at: number
      readonly due: number
      readonly effect: string
      readonly subject: string
    }
  /** `due`: of the setting that is over; refused when it was moved meanwhile. */
  | { readonly kind: 'fire'; readonly at: number; readonly due: number }
  | { readonly kind: 'cancel'; readonly at: number }

/** `not-due`: it was moved, cancelled or fired before. */
export type TimerRefusal = 'not-due'

export type TimerState = StateOf<typeof timerChart>

export const timerStream = (key: string): string => `timer-${key}`

const propose = (
  command: TimerCommand,
  { value, context }: TimerState,
): readonly TimerFact[] | Refusal<TimerRefusal> => {
  const { at } = command
  switch (command.kind) {
    case 'set': {
      const { due, effect: kind, subject } = command
      const same = context.due === due && context.kind === kind && context.subject === subject
      if (value === 'fired' || value === 'cancelled' || (value === 'set' && same)) return []
      return [{ type: 'timer.set', at, due, kind, subject }]
    }
    case 'fire':
      return value === 'set' && context.due === command.due
        ? [{ type: 'timer.fired', at }]
        : { refused: 'not-due', why: value === 'set' ? `it was moved to ${context.due}` : `it is ${value}` }
    case 'cancel':
      return value === 'set' ? [{ type: 'timer.cancelled', at }] : []
  }
}

/** Rules of a timer's stream. */
export const timer = chartDecider(timerChart, propose)
