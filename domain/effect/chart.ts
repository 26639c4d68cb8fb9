import { assign, setup } from 'xstate'
import { OVER } from '../over.ts'
import type { EffectFact } from './facts.ts'

export type EffectContext = {
  readonly kind: string
  readonly subject: string
}

const { createMachine } = setup({ types: { context: {} as EffectContext, events: {} as EffectFact } })

/** An effect is open until it is done or dropped; while it is parked nobody tries. What is done or dropped has no more facts. */
export const effectChart = createMachine({
  id: 'effect',
  context: { kind: '', subject: '' },
  initial: 'unknown',
  states: {
    unknown: {
      on: {
        'effect.asked': {
          target: 'open',
          actions: assign(({ event: { kind, subject } }) => ({ kind, subject })),
        },
      },
    },
    open: {
      on: { 'effect.done': 'done', 'effect.parked': 'parked', 'effect.dropped': 'dropped' },
    },
    parked: {
      on: { 'effect.replayed': 'open', 'effect.dropped': 'dropped' },
    },
    done: { tags: OVER },
    dropped: { tags: OVER },
  },
})
