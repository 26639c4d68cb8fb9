import type { AnyStateMachine, AnyStateNode } from 'xstate'

type Named = { readonly type: string; readonly assignment?: unknown }

/** An assigner that spawns is a function that names `spawn`: there is no other way to come by it. */
const spawns = (assignment: unknown): boolean => {
  const parts = typeof assignment === 'function' ? [assignment] : Object.values(assignment as object)
  return parts.some((part) => typeof part === 'function' && /\bspawn\b/.test(String(part)))
}

/** What in a chart is more than folding: guards, effects, timers, children. Facts are replayed for ever, so there may be none. */
export const moreThanFolds = (chart: AnyStateMachine): string[] => {
  const found: string[] = []
  const named = chart.implementations.actions as Record<string, unknown>
  const actionProblem = (action: unknown): string | undefined => {
    const name = typeof action === 'string' ? action : (action as Named).type
    const real = (typeof action === 'function' ? action : named[name]) as Named | undefined
    if (real?.type !== 'xstate.assign') return `action ${name} is no assign`
    return spawns(real.assignment) ? `action ${name} spawns` : undefined
  }
  const walk = (node: AnyStateNode): void => {
    const say = (what: string): number => found.push(`${node.id}: ${what}`)
    if (node.invoke.length > 0) say('invoke')
    if (node.after.length > 0) say('after')
    if (node.entry.length > 0) say('entry')
    if (node.exit.length > 0) say('exit')
    if ((node.always?.length ?? 0) > 0) say('always')
    if (node.type === 'final' || node.type === 'parallel' || node.type === 'history') say(node.type)
    for (const [event, transitions] of node.transitions) {
      if (event.startsWith('xstate.') || event.includes('*')) say(`listens to ${event}`)
      for (const transition of transitions) {
        if (transition.guard !== undefined) say(`guard on ${event}`)
        for (const action of transition.actions) {
          const problem = actionProblem(action)
          if (problem !== undefined) say(problem)
        }
      }
    }
    for (const child of Object.values(node.states)) walk(child)
  }
  walk(chart.root)
  return found
}

/** All events that a chart knows. */
export const eventsOf = (chart: AnyStateMachine): ReadonlySet<string> => {
  const found = new Set<string>()
  const walk = (node: AnyStateNode): void => {
    for (const event of node.transitions.keys()) found.add(event)
    for (const child of Object.values(node.states)) walk(child)
  }
  walk(chart.root)
  return found
}

/** Paths of the states in which a chart can rest: those without states of their own. */
export const leavesOf = (chart: AnyStateMachine): readonly string[] => {
  const found: string[] = []
  const walk = (node: AnyStateNode): void => {
    const children = Object.values(node.states)
    if (children.length === 0) found.push(node.path.join('.'))
    for (const child of children) walk(child)
  }
  walk(chart.root)
  return found
}
