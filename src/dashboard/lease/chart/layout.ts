import { Graph, layout } from '@dagrejs/dagre'
import type { Edge, Level } from '../../../../domain/chart-graph.ts'

type Point = { readonly x: number; readonly y: number }
/** A box in its place; `x` and `y` are its upper left corner. */
export type Place = Point & {
  readonly id: string
  readonly name: string
  readonly width: number
  readonly height: number
}
export type Line = Edge & { readonly points: readonly Point[]; readonly label: Point }
export type Drawing = {
  readonly width: number
  readonly height: number
  readonly places: readonly Place[]
  readonly lines: readonly Line[]
}

const LETTER_PX = 6.6
const LINE_PX = 15
const BOX_PX = 30
/** Above what is inside of a stage: its name. */
const HEAD_PX = 26
const MARGIN_PX = 10
/** How much more an edge with a name of its own pulls its ends together. */
const STRAIGHT = 20

/** `lease.paid` → paid: whose facts they are is clear here. */
export const shortFact = (fact: string): string => fact.slice(fact.indexOf('.') + 1)

export const labelsOf = ({ ways }: Edge): readonly string[] => [...new Set(ways.map(({ fact }) => shortFact(fact)))]

/** Where a fact is called as the state that it leads to, it needs no room of its own. */
const isPlainEdge = (edge: Edge): boolean => labelsOf(edge).every((label) => edge.to.endsWith(label))

/** Boxes and edges of a level in their places, and those inside of them. All px. */
export const placed = ({ boxes, edges }: Level, direction: 'LR' | 'TB' = 'LR'): Drawing => {
  const inner = new Map(boxes.flatMap(({ id, inner: level }) => (level ? [[id, placed(level, 'TB')] as const] : [])))
  const graph = new Graph({ multigraph: false })
  graph.setGraph({ rankdir: direction, nodesep: 14, ranksep: 14, edgesep: 8, marginx: MARGIN_PX, marginy: MARGIN_PX })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, name } of boxes) {
    const within = inner.get(id)
    graph.setNode(id, {
      width: Math.max(name.length * LETTER_PX + 24, within?.width ?? 0),
      height: within ? within.height + HEAD_PX : BOX_PX,
    })
  }
  for (const edge of edges) {
    const labels = labelsOf(edge)
    const isPlain = isPlainEdge(edge)
    graph.setEdge(edge.from, edge.to, {
      width: isPlain ? 0 : Math.max(...labels.map(({ length }) => length)) * LETTER_PX,
      height: isPlain ? 0 : labels.length * LINE_PX,
      weight: isPlain ? 1 : STRAIGHT,
      labelpos: 'c',
    })
  }
  layout(graph)
  const size = graph.graph() as { readonly width?: number; readonly height?: number }
  const places: Place[] = []
  const lines: Line[] = edges.map((edge) => {
    const {
      points = [],
      x = 0,
      y = 0,
    } = graph.edge(edge.from, edge.to) as {
      readonly points?: readonly Point[]
      readonly x?: number
      readonly y?: number
    }
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 }
    return { ...edge, points, label: isPlainEdge(edge) ? middle : { x, y } }
  })
  for (const { id, name } of boxes) {
    const { x = 0, y = 0, width, height } = graph.node(id) as { x?: number; y?: number; width: number; height: number }
    const at = { x: x - width / 2, y: y - height / 2 }
    places.push({ id, name, ...at, width, height })
    const within = inner.get(id)
    if (within === undefined) continue
    const by = { x: at.x + (width - within.width) / 2, y: at.y + HEAD_PX }
    const moved = <T extends Point>(point: T): T => ({ ...point, x: point.x + by.x, y: point.y + by.y })
    places.push(...within.places.map(moved))
    lines.push(...within.lines.map((line) => ({ ...line, points: line.points.map(moved), label: moved(line.label) })))
  }
  return { width: size.width ?? 0, height: size.height ?? 0, places, lines }
}
