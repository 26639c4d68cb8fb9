import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  initialTransition,
  type SnapshotFrom,
} from 'xstate'
import { chartFingerprint } from './chart-fingerprint.ts'
import { stepper } from './chart-step.ts'
import { encode } from './codec.ts'
import type { Fact, Refusal } from './fact.ts'
import { isRefusal } from './fact.ts'

/**
 * A stream's rules: what a command would make happen, and what state the facts add up to.
 * `decide` proposes facts or refuses; [] means that nothing has to change. `evolve` folds one stored fact.
 */
export type Decider<Command, State, F extends Fact, Code extends string = string> = {
  readonly initial: State
  decide(command: Command, state: State): readonly F[] | Refusal<Code | 'illegal'>
  evolve(state: State, fact: F): State
  /** How its states can be kept outside of memory; absent: they are folded anew. */
  readonly keeping?: Keeping<State>
}

/** A state as data, guarded by the name of the rules that it was folded by. */
export type Keeping<State> = {
  /** Of the rules that say what facts add up to: states of other ones are not the same, whatever they look like. */
  readonly fingerprint: string
  /** For the codec. */
  freeze(state: State): unknown
  /** @returns undefined when it is no state of these rules */
  thaw(frozen: unknown): State | undefined
}

export type StateOf<M extends AnyStateMachine> = SnapshotFrom<M>

/** A stored fact that its chart does not allow: the log and the code disagree. A bug or corruption, never retried. */
export class IllegalFact extends Error {
  constructor(fact: Fact, state: unknown) {
    super(`fact ${fact.type} may not follow state ${JSON.stringify(state)}`)
    this.name = 'IllegalFact'
  }
}

/**
 * Makes a decider of a statechart, whose events are facts, and a judgement, which turns commands into facts.
 * A proposed fact that the chart does not allow in its place is refused with `illegal`.
 *
 * @param foldVersion raised when a function that the chart's assignments call folds otherwise than before: see `chartFingerprint`
 */
export const chartDecider = <
  M extends AnyStateMachine,
  Command,
  F extends Fact & EventFromLogic<M>,
  Code extends string,
>(
  chart: M,
  propose: (command: Command, state: SnapshotFrom<M>) => readonly F[] | Refusal<Code>,
  foldVersion = 1,
): Decider<Command, SnapshotFrom<M>, F, Code> => {
  const step = remembering(stepper(chart))
  const initial = initialTransition(chart as AnyStateMachine)[0] as SnapshotFrom<M>
  return {
    initial,
    keeping: chartKeeping(chart, initial, foldVersion),
    decide(command, state) {
      const proposed = propose(command, state)
      if (isRefusal(proposed)) return proposed as Refusal<Code>
      let next = state
      for (const fact of proposed as readonly F[]) {
        const after = step(next, fact)
        if (after === undefined) {
          return { refused: 'illegal', why: `${fact.type} may not follow ${JSON.stringify(stageOf(next))}` }
        }
        next = after
      }
      return proposed as readonly F[]
    },
    evolve(state, fact) {
      const after = step(state, fact)
      if (after === undefined) throw new IllegalFact(fact, stageOf(state))
      return after
    },
  }
}

/**
 * States of one place of the chart are thawed over one snapshot, so that they share all but their context. The codec leaves out what is
 * undefined: fields that the chart begins with are put back.
 */
const chartKeeping = <M extends AnyStateMachine>(
  chart: M,
  initial: SnapshotFrom<M>,
  foldVersion: number,
): Keeping<SnapshotFrom<M>> => {
  const blank = Object.fromEntries(Object.keys((initial as AnyMachineSnapshot).context).map((key) => [key, undefined]))
  const resting = new Map<string, AnyMachineSnapshot>()
  const restingAt = (value: never): AnyMachineSnapshot => {
    const key = encode(value)
    const known = resting.get(key) ?? (chart.resolveState({ value, context: {} as never }) as AnyMachineSnapshot)
    if (known.status === 'active' && encode(known.value) === key) resting.set(key, known)
    else throw new Error(`${key} is no state of ${chart.id}`)
    return known
  }
  return {
    fingerprint: chartFingerprint(chart, foldVersion),
    freeze: ({ value, context }: AnyMachineSnapshot) => ({ value, context }),
    thaw(frozen) {
      if (typeof frozen !== 'object' || frozen === null || !('value' in frozen) || !('context' in frozen))
        return undefined
      const { value, context } = frozen
      if (typeof context !== 'object' || context === null) return undefined
      try {
        return { ...restingAt(value as never), context: { ...blank, ...context } } as SnapshotFrom<M>
      } catch {
        return undefined
      }
    },
  }
}

const stageOf = (state: unknown): unknown => (state as AnyMachineSnapshot).value

/** Steps remembered: as many as one command makes facts. A weak map of all of them costs more than it saves. */
const STEPS_REMEMBERED = 4

/** A decision walks its facts to see whether they may follow, and whoever folds them walks them again: the newest steps are remembered. */
const remembering = <State extends object>(step: (state: State, fact: Fact) => State | undefined) => {
  const steps: { fact: Fact; from: State; to: State }[] = []
  let next = 0
  return (state: State, fact: Fact): State | undefined => {
    for (const known of steps) if (known.fact === fact && known.from === state) return known.to
    const to = step(state, fact)
    if (to === undefined) return undefined
    steps[next] = { fact, from: state, to }
    next = (next + 1) % STEPS_REMEMBERED
    return to
  }
}

/** The same rules for several commands at once: each is judged in the state that those before it make; all happen, or none. */
export const inSequence = <Command, State, F extends Fact, Code extends string>(
  decider: Decider<Command, State, F, Code>,
): Decider<readonly Command[], State, F, Code> => ({
  initial: decider.initial,
  evolve: decider.evolve,
  ...(decider.keeping ? { keeping: decider.keeping } : {}),
  decide(commands, state) {
    const facts: F[] = []
    let next = state
    for (const command of commands) {
      const decided = decider.decide(command, next)
      if (isRefusal(decided)) return decided as Refusal<Code | 'illegal'>
      for (const fact of decided as readonly F[]) {
        next = decider.evolve(next, fact)
        facts.push(fact)
      }
    }
    return facts
  },
})
