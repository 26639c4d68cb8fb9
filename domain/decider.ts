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

const allows = (state: unknown, fact: Fact): boolean => (state as AnyMachineSnapshot).can(fact as never)
const stageOf = (state: unknown): unknown => (state as AnyMachineSnapshot).value

/**
 * One inert scope, reused for every step: XState's pure `transition()` builds an actor and a system for each call, which is
 * six times dearer. Our charts only fold, so nothing in the scope is ever used; a property test pins both paths as equal.
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
  return (state: SnapshotFrom<M>, fact: Fact): SnapshotFrom<M> =>
    assigned(chart, state, fact) ?? (chart.transition(state as never, fact as never, scope as never) as SnapshotFrom<M>)
}

type Assigner = (args: { readonly context: unknown; readonly event: Fact }) => object
type Assignment = Assigner | Readonly<Record<string, unknown>>

/**
 * The step of a fact that changes no state but only the context, as most do (a tick, a voucher): the assignment alone. XState's
 * general way through entry, exit and microsteps comes to the same and costs ten times as much; the same property test pins it.
 */
const assigned = <M extends AnyStateMachine>(
  chart: M,
  state: SnapshotFrom<M>,
  fact: Fact,
): SnapshotFrom<M> | undefined => {
  const transitions = chart.getTransitionData(state as never, fact as never)
  const [transition] = transitions
  if (transitions.length !== 1 || transition === undefined || transition.target !== undefined) return undefined
  const [action] = transition.actions as readonly unknown[]
  if (transition.actions.length !== 1 || !isAssign(action)) return undefined
  const { context } = state as AnyMachineSnapshot
  const args = { context, event: fact }
  const { assignment } = action
  const change: object =
    typeof assignment === 'function'
      ? assignment(args)
      : Object.fromEntries(
          Object.entries(assignment).map(([key, value]) => [key, typeof value === 'function' ? value(args) : value]),
        )
  return { ...(state as object), context: { ...context, ...change } } as SnapshotFrom<M>
}

const isAssign = (action: unknown): action is { readonly assignment: Assignment } =>
  typeof action === 'function' && 'assignment' in action && (action as { type?: unknown }).type === 'xstate.assign'

/**
 * The state after a fact, or undefined when it may not follow. A decision walks its facts to see whether they may, and whoever folds
 * them walks them again: the second time is answered by the first.
 */
const remembering = <State extends object>(step: (state: State, fact: Fact) => State) => {
  const steps = new WeakMap<Fact, { readonly from: State; readonly to: State }>()
  return (state: State, fact: Fact): State | undefined => {
    const known = steps.get(fact)
    if (known?.from === state) return known.to
    if (!allows(state, fact)) return undefined
    const to = step(state, fact)
    steps.set(fact, { from: state, to })
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
