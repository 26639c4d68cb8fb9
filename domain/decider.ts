import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventFromLogic,
  initialTransition,
  type SnapshotFrom,
} from 'xstate'
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
 */
export const chartDecider = <
  M extends AnyStateMachine,
  Command,
  F extends Fact & EventFromLogic<M>,
  Code extends string,
>(
  chart: M,
  propose: (command: Command, state: SnapshotFrom<M>) => readonly F[] | Refusal<Code>,
): Decider<Command, SnapshotFrom<M>, F, Code> => {
  const step = remembering(stepper(chart))
  return {
    initial: initialTransition(chart as AnyStateMachine)[0] as SnapshotFrom<M>,
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

const stageOf = (state: unknown): unknown => (state as AnyMachineSnapshot).value

/**
 * Steps a chart by a fact: the state after it, or undefined when it may not follow.
 *
 * XState's pure `transition()` builds an actor and a system for each call. Here one inert scope serves every step, which is six
 * times cheaper; and a fact that changes the context and no state, as most do (a tick, a voucher), is its assignment alone, which is
 * ten times cheaper again. Our charts only fold: nothing in the scope is ever used, and without guards the transitions of a fact
 * depend on nothing but the active states. A property test pins all of this as equal to XState's own way.
 */
const stepper = <M extends AnyStateMachine>(chart: M) => {
  const self = createActor(chart as AnyStateMachine)
  const nothing = () => {}
  const scope = {
    self,
    defer: nothing,
    id: '',
    logger: nothing,
    sessionId: '',
    stopChild: nothing,
    system: self.system,
    emit: nothing,
    actionExecutor: nothing,
  } as unknown as Parameters<M['transition']>[2]
  const found = new WeakMap<object, Map<string, Transitions>>()
  /** By the array of active states, which the snapshots of one state share. */
  const transitionsOf = (state: SnapshotFrom<M>, fact: Fact): Transitions => {
    const nodes = (state as AnyMachineSnapshot)._nodes
    const known = found.get(nodes) ?? new Map<string, Transitions>()
    if (known.size === 0) found.set(nodes, known)
    const transitions = known.get(fact.type) ?? chart.getTransitionData(state as never, fact as never)
    known.set(fact.type, transitions)
    return transitions
  }
  return (state: SnapshotFrom<M>, fact: Fact): SnapshotFrom<M> | undefined => {
    const transitions = transitionsOf(state, fact)
    if (!transitions.some(({ target, actions }) => target !== undefined || actions.length > 0)) return undefined
    const assign = onlyAssign(transitions)
    if (assign) return assigned(assign, state as AnyMachineSnapshot, fact) as SnapshotFrom<M>
    return chart.transition(state as never, fact as never, scope as never) as SnapshotFrom<M>
  }
}

type Transitions = ReturnType<AnyStateMachine['getTransitionData']>
type Assigner = (args: { readonly context: unknown; readonly event: Fact }) => object
type Assign = { readonly assignment: Assigner | Readonly<Record<string, unknown>> }

/** The assignment that is all that happens; undefined when there is more to it. */
const onlyAssign = (transitions: Transitions): Assign | undefined => {
  const [transition] = transitions
  if (transitions.length !== 1 || transition === undefined || transition.target !== undefined) return undefined
  const [action] = transition.actions as readonly unknown[]
  return transition.actions.length === 1 && isAssign(action) ? action : undefined
}

const isAssign = (action: unknown): action is Assign =>
  typeof action === 'function' && 'assignment' in action && (action as { type?: unknown }).type === 'xstate.assign'

const assigned = ({ assignment }: Assign, state: AnyMachineSnapshot, fact: Fact): AnyMachineSnapshot => {
  const { context } = state
  const args = { context, event: fact }
  const change: object =
    typeof assignment === 'function'
      ? assignment(args)
      : Object.fromEntries(
          Object.entries(assignment).map(([key, value]) => [key, typeof value === 'function' ? value(args) : value]),
        )
  return { ...state, context: { ...context, ...change } } as AnyMachineSnapshot
}

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
