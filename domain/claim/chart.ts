import { assign, setup } from 'xstate'
import type { ClaimFact } from './facts.ts'

export type ClaimContext = {
  /** Who has it, or had it last. */
  readonly owner: string
  readonly ttlMs: number
  /** How often it was taken: names one time of holding it. */
  readonly term: number
}

const { createMachine } = setup({ types: { context: {} as ClaimContext, events: {} as ClaimFact } })

/** A claim is free or held by one. */
export const claimChart = createMachine({
  id: 'claim',
  context: { owner: '', ttlMs: 0, term: 0 },
  initial: 'free',
  states: {
    free: {
      on: {
        'claim.taken': {
          target: 'held',
          actions: assign(({ context, event: { owner, ttlMs } }) => ({ owner, ttlMs, term: context.term + 1 })),
        },
      },
    },
    held: {
      on: {
        'claim.taken': {
          actions: assign(({ context, event: { owner, ttlMs } }) => ({ owner, ttlMs, term: context.term + 1 })),
        },
        'claim.released': 'free',
      },
    },
  },
})
