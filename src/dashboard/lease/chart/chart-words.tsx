import { acceptedFacts } from '../../../../domain/accepts.ts'
import { chartGraph } from '../../../../domain/chart-graph.ts'
import { leaseChart } from '../../../../domain/lease/chart.ts'
import type { LeaseState } from '../../../../domain/lease/lease.ts'
import { At, Time } from '../../part/shown.tsx'
import type { Entry } from '../entry.ts'
import { useNow } from '../now.ts'
import { type Deadline, deadlinesOf } from './deadlines.ts'
import { edgesIn, leafOf, nextOn, type Step } from './path.ts'

const EDGES = edgesIn(chartGraph(leaseChart))

type Given = {
  readonly entries: readonly Entry[]
  readonly state: LeaseState
  readonly steps: readonly Step[]
  readonly at: number
  readonly isLive: boolean
}

/** What the drawing shows, for who does not see it, and the clocks that run. */
export const ChartWords = ({ entries, state, steps, at, isLive }: Given) => {
  const leading = EDGES.flatMap((edge) => nextOn(edge, state).map((fact) => ({ fact, to: edge.to })))
  const staying = acceptedFacts(state).filter((fact) => !leading.some((one) => one.fact === fact))
  const first = entries[0]?.fact.at ?? 0
  const newest = entries[at - 1]?.fact.at ?? first
  const deadlines = at === 0 ? [] : deadlinesOf(state, steps, first, newest)
  return (
    <dl class="facts chart-words">
      <dt>Now in</dt>
      <dd>
        <strong>{leafOf(state).replace('.', ' / ')}</strong>{' '}
        {steps.length > 0 && (
          <>
            since <At of={new Date(steps.at(-1)!.at).toISOString()} />
          </>
        )}
      </dd>
      <dt>Way here</dt>
      <dd>{steps.length === 0 ? 'it begins here' : wayOf(steps)}</dd>
      <dt>May happen next</dt>
      <dd>
        {leading.length === 0 && 'nothing that leads elsewhere: it is over'}
        {leading.map(({ fact, to }) => (
          <span key={`${fact} ${to}`} class="chip">
            <code>{fact}</code> → {to.replace('.', ' / ')}
          </span>
        ))}
      </dd>
      {staying.length > 0 && (
        <>
          <dt>Or, staying here</dt>
          <dd>
            {staying.map((fact) => (
              <span key={fact} class="chip">
                <code>{fact}</code>
              </span>
            ))}
          </dd>
        </>
      )}
      {deadlines.length > 0 && (
        <>
          <dt>Clocks</dt>
          <dd>
            {deadlines.map((deadline) => (
              <Clock key={deadline.what} of={deadline} from={isLive ? undefined : newest} />
            ))}
          </dd>
        </>
      )}
    </dl>
  )
}

/** Steps there and back again, as a lease that starves now and then has, are told once each with how often. */
const wayOf = (steps: readonly Step[]): string => {
  const told: { readonly name: string; times: number }[] = []
  for (const { to } of steps) {
    const known = told.slice(-3).find(({ name }) => name === to)
    if (known) known.times++
    else told.push({ name: to, times: 1 })
  }
  return told.map(({ name, times }) => `${name.replace('.', ' / ')}${times > 1 ? ` (${times} times)` : ''}`).join(' → ')
}

/** @param from the moment that it is counted from; undefined: the present */
const Clock = ({ of, from }: { readonly of: Deadline; readonly from: number | undefined }) => {
  const now = useNow()
  if (of.at === undefined)
    return (
      <div>
        From block {of.height} on {of.what}.
      </div>
    )
  const leftS = (of.at - (from ?? now.value)) / 1_000
  return (
    <div role="timer">
      <Time of={Math.max(0, leftS)} /> until {of.what}
    </div>
  )
}
