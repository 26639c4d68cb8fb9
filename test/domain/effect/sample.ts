import type { EffectCommand } from '../../../domain/effect/effect.ts'
import type { EffectFact } from '../../../domain/effect/facts.ts'

const AT = 1_800_000_000_000
type FactOf<T extends EffectFact['type']> = Extract<EffectFact, { type: T }>

/** One of each fact; `salt` varies what may vary. */
export const effectFacts = (salt = 0): { readonly [T in EffectFact['type']]: FactOf<T> } => {
  const at = AT + salt
  return {
    'effect.asked': { type: 'effect.asked', at, kind: 'withdraw-filled', subject: `${salt % 3}` },
    'effect.done': { type: 'effect.done', at },
    'effect.parked': { type: 'effect.parked', at, attempts: 8 + salt, code: 'market.not-withdrawn', next: 'Wait.' },
    'effect.replayed': { type: 'effect.replayed', at, kind: 'withdraw-filled', subject: `${salt % 3}` },
    'effect.dropped': { type: 'effect.dropped', at },
  }
}

/** Some of each command. */
export const effectCommands = (salt = 0): readonly EffectCommand[] => {
  const at = AT + salt
  return [
    { kind: 'ask', at, effect: 'withdraw-filled', subject: `${salt % 3}` },
    { kind: 'finish', at },
    { kind: 'park', at, attempts: 8, code: 'market.not-withdrawn', next: 'Wait.' },
    { kind: 'replay', at },
    { kind: 'drop', at },
  ]
}
