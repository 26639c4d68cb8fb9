import type { TimerFact } from '../../../domain/timer/facts.ts'
import type { TimerCommand } from '../../../domain/timer/timer.ts'

const AT = 1_800_000_000_000
type FactOf<T extends TimerFact['type']> = Extract<TimerFact, { type: T }>

/** One of each fact; `salt` varies what may vary. */
export const timerFacts = (salt = 0): { readonly [T in TimerFact['type']]: FactOf<T> } => {
  const at = AT + salt
  return {
    'timer.set': { type: 'timer.set', at, due: AT + 60_000 + (salt % 5), kind: 'give-up', subject: `${salt % 3}` },
    'timer.fired': { type: 'timer.fired', at },
    'timer.cancelled': { type: 'timer.cancelled', at },
  }
}

/** Some of each command. */
export const timerCommands = (salt = 0): readonly TimerCommand[] => {
  const at = AT + salt
  const due = AT + 60_000 + (salt % 5)
  return [
    { kind: 'set', at, due, effect: 'give-up', subject: `${salt % 3}` },
    { kind: 'fire', at, due },
    { kind: 'cancel', at },
  ]
}
