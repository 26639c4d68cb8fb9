import { useMemo } from 'preact/hooks'
import { chartGraph } from '../../../../domain/chart-graph.ts'
import { leaseChart } from '../../../../domain/lease/chart.ts'
import type { LeaseState } from '../../../../domain/lease/lease.ts'
import { Wide } from '../../part/wide.tsx'
import type { Entry } from '../entry.ts'
import { ChartWords } from './chart-words.tsx'
import { type Line, labelsOf, type Place, placed, shortFact } from './layout.ts'
import { isTaken, isWithin, leafOf, nextOn, type Step, stepsOf } from './path.ts'
import './statechart.css'

type Given = {
  readonly entries: readonly Entry[]
  /** One more than the entries. */
  readonly states: readonly LeaseState[]
  /** How many of the entries have happened. */
  readonly at: number
  /** It is the present: its clocks run. */
  readonly isLive: boolean
}

/** Below it the stages stand under each other, px. */
const NARROW_PX = 760

/** The chart that decides about the lease, as it is: where it is, how it came there, and what may happen next. */
export const Statechart = ({ entries, states, at, isLive }: Given) => {
  const drawing = useMemo(() => placed(chartGraph(leaseChart), innerWidth < NARROW_PX ? 'TB' : 'LR'), [])
  const state = states[at]!
  const leaf = leafOf(state)
  const steps = useMemo(() => stepsOf(entries, states, at), [entries, at])
  const been = new Set(['unknown', ...steps.flatMap(({ from, to }) => [from, to])].flatMap(withParents))
  return (
    <>
      <Wide label="The chart of the lease">
        <svg
          class="statechart"
          width={drawing.width}
          height={drawing.height}
          viewBox={`0 0 ${drawing.width} ${drawing.height}`}
          role="img"
          aria-label={`The chart of the lease: now in ${leaf}. Below it the same in words.`}
          data-state={leaf}
        >
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path class="tip" d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          {drawing.places.map((place) => (
            <StateBox key={place.id} place={place} isNow={isWithin(leaf, place.id)} isPast={been.has(place.id)} />
          ))}
          {drawing.lines.map((line) => (
            <Way key={`${line.from} ${line.to}`} line={line} state={state} steps={steps} />
          ))}
        </svg>
      </Wide>
      <ChartWords entries={entries} state={state} steps={steps} at={at} isLive={isLive} />
    </>
  )
}

const withParents = (path: string): readonly string[] =>
  path.split('.').map((_, i, keys) => keys.slice(0, i + 1).join('.'))

const StateBox = ({ place, isNow, isPast }: { place: Place; isNow: boolean; isPast: boolean }) => (
  <g class={isNow ? 'box now' : isPast ? 'box past' : 'box'}>
    <rect x={place.x} y={place.y} width={place.width} height={place.height} rx="8" />
    <text class="name" x={place.x + place.width / 2} y={place.y + 19}>
      {isNow && '● '}
      {isPast && !isNow && '✓ '}
      {place.name}
    </text>
  </g>
)

const Way = ({ line, state, steps }: { line: Line; state: LeaseState; steps: readonly Step[] }) => {
  const next = nextOn(line, state).map(shortFact)
  const kind = next.length > 0 ? 'way next' : isTaken(line, steps) ? 'way past' : 'way'
  const labels = labelsOf(line)
  const top = line.label.y - ((labels.length - 1) * 15) / 2 + 4
  return (
    <g class={kind}>
      <path class="line" d={`M${line.points.map(({ x, y }) => `${x} ${y}`).join('L')}`} marker-end="url(#arrow)" />
      {labels.map((label, i) => (
        <text key={label} x={line.label.x} y={top + i * 15} class={next.includes(label) ? 'label open' : 'label'}>
          {label}
        </text>
      ))}
    </g>
  )
}
