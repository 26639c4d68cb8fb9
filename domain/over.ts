import type { AnyStateMachine, AnyStateNode } from 'xstate'

/**
 * Tag of the states of a chart in which its stream is over: nothing is left to do in it. Few facts may still follow, such as a
 * receipt, or what a reorganisation of the chain brings back.
 */
export const OVER = 'over'

/** Types of facts that end a stream, and of those that begin it again. */
export type OverTypes = { readonly ending: readonly string[]; readonly reopening: readonly string[] }

/** What a chart says of it, by its tags. */
export const overTypes = (chart: AnyStateMachine): OverTypes => {
  const ending = new Set<string>()
  const reopening = new Set<string>()
  const look = (node: AnyStateNode): void => {
    for (const [type, transitions] of node.transitions) {
      for (const target of transitions.flatMap(({ target }) => target ?? [])) {
        if (isOver(target)) ending.add(type)
        else if (isOver(node)) reopening.add(type)
      }
    }
    for (const child of Object.values(node.states)) look(child)
  }
  look(chart.root)
  return { ending: [...ending].sort(), reopening: [...reopening].sort() }
}

const isOver = (node: AnyStateNode): boolean =>
  node.tags.includes(OVER) || (node.parent !== undefined && isOver(node.parent))
