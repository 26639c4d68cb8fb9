import { fingerprintOf, sourceOf } from '../../domain/chart-fingerprint.ts'
import type { Keeping } from '../../domain/decider.ts'
import type { EffectFact } from '../../domain/effect/facts.ts'
import type { TimerFact } from '../../domain/timer/facts.ts'
import type { Recorded } from '../journal/port.ts'

export const OPEN_TYPES = [
  'effect.asked',
  'effect.done',
  'effect.parked',
  'effect.replayed',
  'effect.dropped',
  'timer.set',
  'timer.fired',
  'timer.cancelled',
] as const satisfies readonly (EffectFact | TimerFact)['type'][]

/** `version`: of the stream of the effect, with the fact that opened it. */
export type OpenEffect = { readonly kind: string; readonly subject: string; readonly version: number }
/** `version`: of the timer's stream, with the fact that set it. `at`, `due`: Unix ms. */
export type OpenTimer = {
  readonly kind: string
  readonly subject: string
  readonly at: number
  readonly due: number
  readonly version: number
}

type Frozen = {
  readonly effects: readonly (readonly [string, OpenEffect])[]
  readonly timers: readonly (readonly [string, OpenTimer])[]
}

/** Effects and timers of some kinds that are not over, by id and key, in the order in which they were asked for. */
export class OpenThings {
  readonly #kinds: ReadonlySet<string>
  readonly effects = new Map<string, OpenEffect>()
  readonly timers = new Map<string, OpenTimer>()

  constructor(kinds: readonly string[], { effects, timers }: Frozen = { effects: [], timers: [] }) {
    this.#kinds = new Set(kinds)
    for (const [id, one] of effects) this.effects.set(id, one)
    for (const [key, one] of timers) this.timers.set(key, one)
  }

  fold({ stream, version, fact }: Recorded<EffectFact | TimerFact>): void {
    const id = stream.slice(stream.indexOf('-') + 1)
    switch (fact.type) {
      case 'effect.asked':
      case 'effect.replayed': {
        const { kind, subject } = fact
        if (this.#kinds.has(kind)) this.effects.set(id, { kind, subject, version })
        return
      }
      case 'effect.done':
      case 'effect.parked':
      case 'effect.dropped':
        this.effects.delete(id)
        return
      case 'timer.set': {
        const { kind, subject, at, due } = fact
        if (this.#kinds.has(kind)) this.timers.set(id, { kind, subject, at, due, version })
        else this.timers.delete(id)
        return
      }
      case 'timer.fired':
      case 'timer.cancelled':
        this.timers.delete(id)
        return
    }
  }

  freeze(): Frozen {
    return { effects: [...this.effects], timers: [...this.timers] }
  }
}

/** How they are kept outside of memory. Guarded by the kinds too: of others, nothing was folded. */
export const openThingsKeeping = (kinds: readonly string[]): Keeping<OpenThings> => ({
  fingerprint: fingerprintOf([sourceOf(OpenThings), OPEN_TYPES, [...kinds].sort()]),
  freeze: (things) => things.freeze(),
  thaw: (frozen) => new OpenThings(kinds, frozen as Frozen),
})
