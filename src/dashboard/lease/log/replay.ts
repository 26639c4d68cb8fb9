import { IllegalFact } from '../../../../domain/decider.ts'
import { type LeaseState, lease } from '../../../../domain/lease/lease.ts'
import type { Entry } from '../entry.ts'

/**
 * The state after each of a lease's facts, folded by the domain's own chart. `statesOf` goes on where it was when it is given more of the
 * same facts.
 */
export type Replay = {
  /** `states[n]` is what the first n facts add up to. @throws IllegalFact with the first that may not follow */
  statesOf(entries: readonly Entry[]): readonly LeaseState[]
}

export const openReplay = (): Replay => {
  const states: LeaseState[] = [lease.initial]
  let last: Entry | undefined
  return {
    statesOf(entries) {
      const known = states.length - 1
      if (known > entries.length || (known > 0 && entries[known - 1] !== last)) states.length = 1
      for (let i = states.length - 1; i < entries.length; i++) {
        last = entries[i]!
        states.push(lease.evolve(states[i]!, last.fact))
      }
      return states
    },
  }
}

/** Where a chart says no, for people; undefined when all may follow. */
export const illegality = (entries: readonly Entry[]): string | undefined => {
  let state = lease.initial
  for (const { version, fact } of entries) {
    try {
      state = lease.evolve(state, fact)
    } catch (error) {
      if (error instanceof IllegalFact) return `fact ${version}: ${error.message}`
      throw error
    }
  }
  return undefined
}
