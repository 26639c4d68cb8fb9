import { expect } from 'vitest'
import type { Decider } from '../domain/decider.ts'
import { type Fact, isRefusal } from '../domain/fact.ts'

/** What `facts` add up to; throws when one may not follow. */
export const fold = <State, F extends Fact>(
  decider: Pick<Decider<never, State, F>, 'initial' | 'evolve'>,
  facts: readonly F[],
): State => facts.reduce((state, fact) => decider.evolve(state, fact), decider.initial)

/** Says what a decider does with a command after a history; what it yields must also fold. */
export const given = <Command, State, F extends Fact, Code extends string>(
  decider: Decider<Command, State, F, Code>,
  ...history: readonly F[]
) => ({
  when(command: Command) {
    const decided = decider.decide(command, fold(decider, history))
    return {
      yields(...facts: readonly F[]) {
        expect(decided).toEqual(facts)
        return fold(decider, [...history, ...(decided as readonly F[])])
      },
      changesNothing: () => expect(decided).toEqual([]),
      refuses: (code: Code | 'illegal') => expect(isRefusal(decided) ? decided.refused : decided).toBe(code),
    }
  },
})
