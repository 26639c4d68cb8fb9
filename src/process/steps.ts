import { effect, effectStream } from '../../domain/effect/effect.ts'
import { timer, timerStream } from '../../domain/timer/timer.ts'
import type { Effect } from './port.ts'

/** A step of `Streams.transact` that asks for an effect, in one unit with the facts because of which it is to be done. */
export const askStep = (at: number, { id, kind, subject }: Effect) => ({
  decider: effect,
  stream: effectStream(id),
  command: { kind: 'ask', at, effect: kind, subject } as const,
})

/** Asks for an effect of `kind` at `due`, Unix ms. */
type Setting = { readonly key: string; readonly due: number; readonly kind: string; readonly subject: string }

/** A step of `Streams.transact` that sets or moves a timer, in one unit with the facts because of which it is set. */
export const timerStep = (at: number, { key, due, kind, subject }: Setting) => ({
  decider: timer,
  stream: timerStream(key),
  command: { kind: 'set', at, due, effect: kind, subject } as const,
})
