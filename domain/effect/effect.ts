import { fingerprintOf } from '../chart-fingerprint.ts'
import { chartDecider, type StateOf } from '../decider.ts'
import type { Refusal } from '../fact.ts'
import { effectChart } from './chart.ts'
import { type EffectFact, MAX_NEXT_TEXT } from './facts.ts'

export type EffectCommand =
  | { readonly kind: 'ask'; readonly at: number; readonly effect: string; readonly subject: string }
  | { readonly kind: 'finish'; readonly at: number }
  | {
      readonly kind: 'park'
      readonly at: number
      readonly attempts: number
      readonly code: string
      readonly next: string
    }
  | { readonly kind: 'replay'; readonly at: number }
  | { readonly kind: 'drop'; readonly at: number }

/** `other-effect`: its id is another's. `not-parked`: there is nothing to replay. `over`: it was done or dropped, or never asked for. */
export type EffectRefusal = 'other-effect' | 'not-parked' | 'over'

export type EffectState = StateOf<typeof effectChart>

/**
 * The same for the same parts: whoever asks twice asks for one effect. `parts` name what asks for it, as the kind and a lease id, or a
 * timer's key and how often it was set.
 */
export const effectId = (...parts: readonly (string | number)[]): string => fingerprintOf(parts).slice(0, 32)
export const effectStream = (id: string): string => `effect-${id}`

const propose = (
  command: EffectCommand,
  { value, context }: EffectState,
): readonly EffectFact[] | Refusal<EffectRefusal> => {
  const { at } = command
  switch (command.kind) {
    case 'ask': {
      const { effect, subject } = command
      if (value === 'unknown') return [{ type: 'effect.asked', at, kind: effect, subject }]
      return context.kind === effect && context.subject === subject
        ? []
        : { refused: 'other-effect', why: `it is ${context.kind} of ${context.subject}` }
    }
    case 'finish':
      // Done all the same: also when somebody dropped it meanwhile, the world has it.
      return value === 'open' ? [{ type: 'effect.done', at }] : []
    case 'park': {
      if (value !== 'open') return []
      const { attempts, code, next } = command
      return [{ type: 'effect.parked', at, attempts, code, next: next.slice(0, MAX_NEXT_TEXT) }]
    }
    case 'replay':
      if (value === 'open') return []
      return value === 'parked'
        ? [{ type: 'effect.replayed', at, ...context }]
        : { refused: 'not-parked', why: `it is ${value}, not parked` }
    case 'drop':
      if (value === 'dropped') return []
      return value === 'open' || value === 'parked'
        ? [{ type: 'effect.dropped', at }]
        : { refused: 'over', why: value === 'done' ? 'it is done' : 'nobody has asked for it' }
  }
}

/** Rules of an effect's stream. */
export const effect = chartDecider(effectChart, propose)
