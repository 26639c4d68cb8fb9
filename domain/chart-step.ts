import { type AnyMachineSnapshot, type AnyStateMachine, createActor, type SnapshotFrom } from 'xstate'
import type { Fact } from './fact.ts'

/** Steps a chart by a fact: the state after it, or undefined when it may not follow. */
export type Step<State> = (state: State, fact: Fact) => State | undefined

type Assigner = (args: { readonly context: unknown; readonly event: Fact }) => object
export type Assign = { readonly assignment: Assigner | Readonly<Record<string, unknown>> }

/** What a fact does in one state of a chart: where it leads, without a context, and what it assigns. */
type Move = { readonly to: AnyMachineSnapshot | undefined; readonly assigns: readonly Assign[] }

/**
 * XState's pure `transition()` builds an actor and a system for each call, and `chart.transition` with a scope of our own still
 * walks the chart. Our charts only fold: without guards, entries, exits and history, where a fact leads depends on nothing but the
 * active states. So each pair of state and fact is asked of XState once, and from then on a step is its assignments alone.
 * A property test pins this as equal to XState's own way.
 */
export const stepper = <M extends AnyStateMachine>(chart: M): Step<SnapshotFrom<M>> => {
  const scope = inertScope(chart)
  /** By the array of active states, which all states that came out of here share. */
  const moves = new WeakMap<object, Map<string, Move | undefined>>()
  const resting = new Map<string, AnyMachineSnapshot>()

  /** One snapshot, and so one array of active states, for each state in which the chart can rest. */
  const shared = (state: AnyMachineSnapshot): AnyMachineSnapshot => {
    const key = JSON.stringify(state.value)
    const known = resting.get(key) ?? ({ ...state, context: undefined } as AnyMachineSnapshot)
    resting.set(key, known)
    return known
  }

  const moveOf = (state: AnyMachineSnapshot, fact: Fact): Move | undefined => {
    const transitions = chart.getTransitionData(state as never, fact as never)
    if (!transitions.some(({ target, actions }) => target !== undefined || actions.length > 0)) return undefined
    const [transition] = transitions
    const assigns = transitions.flatMap(({ actions }) => actions).map((action) => assignOf(chart, action))
    if (transitions.length !== 1 || assigns.some((assign) => assign === undefined)) {
      throw new Error(`${chart.id}: ${fact.type} does more than assign`)
    }
    const to = transition?.target && chart.transition(state as never, fact as never, scope as never)
    return { to: to && shared(to as AnyMachineSnapshot), assigns: assigns as Assign[] }
  }

  return (state, fact) => {
    const from = state as AnyMachineSnapshot
    let known = moves.get(from._nodes)
    if (!known) {
      known = new Map()
      moves.set(from._nodes, known)
    }
    let move = known.get(fact.type)
    if (move === undefined) {
      if (known.has(fact.type)) return undefined
      move = moveOf(from, fact)
      // What no chart knows is not kept: anybody may send it, with a new name each time.
      if (move !== undefined || chart.events.includes(fact.type)) known.set(fact.type, move)
      if (move === undefined) return undefined
    }
    let { context } = from
    for (const assign of move.assigns) context = assigned(assign, context, fact)
    return { ...(move.to ?? from), context } as SnapshotFrom<M>
  }
}

const assigned = ({ assignment }: Assign, context: object, event: Fact): object => {
  const args = { context, event }
  if (typeof assignment === 'function') return { ...context, ...assignment(args) }
  const next: Record<string, unknown> = { ...context }
  for (const key of Object.keys(assignment)) {
    const value = assignment[key]
    next[key] = typeof value === 'function' ? value(args) : value
  }
  return next
}

/** The assignment that an action is, by itself or by name; undefined when it is something else. */
export const assignOf = (chart: AnyStateMachine, action: unknown): Assign | undefined => {
  if (typeof action === 'function') return isAssign(action) ? action : undefined
  const name = typeof action === 'string' ? action : (action as { readonly type: string }).type
  const named: unknown = (chart.implementations.actions as Record<string, unknown>)[name]
  return typeof named === 'function' && isAssign(named) ? named : undefined
}

const isAssign = (action: object): action is Assign =>
  'assignment' in action && (action as { type?: unknown }).type === 'xstate.assign'

/** The documented `ActorScope` shape, of which nothing is ever used: XState's own maker of one is internal. */
const inertScope = (chart: AnyStateMachine) => {
  const self = createActor(chart)
  const nothing = () => {}
  return {
    self,
    defer: nothing,
    id: '',
    logger: nothing,
    sessionId: '',
    stopChild: nothing,
    system: self.system,
    emit: nothing,
    actionExecutor: nothing,
  }
}
