import { assign, setup } from 'xstate'
import { OVER } from '../over.ts'
import type { TimerFact } from './facts.ts'

export type TimerContext = {
  /** Unix ms. */
  readonly due: number
  readonly kind: string
  readonly subject: string
}

const { createMachine } = setup({ types: { context: {} as TimerContext, events: {} as TimerFact } })

/** A timer fires once, or is cancelled. What has fired or was cancelled has no more facts. */
export const timerChart = createMachine({
  id: 'timer',
  context: { due: 0, kind: '', subject: '' },
  initial: 'unset',
  states: {
    unset: {
      on: {
        'timer.set': {
          target: 'set',
          actions: assign(({ event: { due, kind, subject } }) => ({ due, kind, subject })),
        },
      },
    },
    set: {
      on: {
        'timer.set': { actions: assign(({ event: { due, kind, subject } }) => ({ due, kind, subject })) },
        'timer.fired': 'fired',
        'timer.cancelled': 'cancelled',
      },
    },
    fired: { tags: OVER },
    cancelled: { tags: OVER },
  },
})
