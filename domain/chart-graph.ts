import type { AnyStateMachine, AnyStateNode } from 'xstate'

/** A fact that leads from one place of the chart to another. `from` is the innermost state that takes it: `provision.made`. */
type Way = { readonly fact: string; readonly from: string }
/** All ways between two boxes of one level. */
export type Edge = { readonly from: string; readonly to: string; readonly ways: readonly Way[] }
/** A state as a box; a stage with states of its own has them inside. */
export type Box = { readonly id: string; readonly name: string; readonly inner: Level | undefined }
export type Level = { readonly boxes: readonly Box[]; readonly edges: readonly Edge[] }

const pathOf = (node: AnyStateNode): string => node.path.join('.')

/** Of a node and of all inside of it: every fact that goes to another state. */
const waysOf = (node: AnyStateNode): readonly (Way & { readonly to: readonly string[] })[] => [
  ...[...node.transitions.values()]
    .flat()
    .flatMap(({ eventType, target }) =>
      (target ?? []).map((to) => ({ fact: eventType, from: pathOf(node), to: to.path })),
    ),
  ...Object.values(node.states).flatMap(waysOf),
]

const levelOf = (node: AnyStateNode, depth: number): Level | undefined => {
  const children = Object.values(node.states)
  if (children.length === 0) return undefined
  const edges = new Map<string, Edge>()
  for (const child of children)
    for (const { fact, from, to } of waysOf(child)) {
      const isWithin = to.slice(0, depth).join('.') === pathOf(node) && to[depth] !== undefined
      const target = to.slice(0, depth + 1).join('.')
      if (!isWithin || target === pathOf(child)) continue
      const id = `${pathOf(child)} ${target}`
      const known = edges.get(id)
      edges.set(id, { from: pathOf(child), to: target, ways: [...(known?.ways ?? []), { fact, from }] })
    }
  return {
    boxes: children.map((child) => ({ id: pathOf(child), name: child.key, inner: levelOf(child, depth + 1) })),
    edges: [...edges.values()],
  }
}

/** A chart as boxes and edges, to be drawn: what it shows is what decides. */
export const chartGraph = (chart: AnyStateMachine): Level => levelOf(chart.root, 0) ?? { boxes: [], edges: [] }
