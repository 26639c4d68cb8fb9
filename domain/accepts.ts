import type { AnyMachineSnapshot } from 'xstate'

/** Types of the facts that a chart's state would take next, sorted: what can still happen. Empty when nothing can. */
export const acceptedFacts = (state: unknown): readonly string[] => {
  const { _nodes: nodes, status } = state as AnyMachineSnapshot
  if (status !== 'active') return []
  return [...new Set(nodes.flatMap((node) => node.ownEvents))].filter((type) => type !== '*').sort()
}
