import { Told } from '../part/told.tsx'
import { Statechart } from './chart/statechart.tsx'
import { useReplayed } from './log/follow.ts'
import { Counter } from './money/counter.tsx'
import { countingOf } from './money/counting.ts'
import { UsagePlots } from './use/usage-plots.tsx'

type Given = { readonly leaseId: string; readonly isProvider: boolean }

/** What the page folds by itself from the lease's facts, with the domain's own code. */
export const LiveParts = ({ leaseId, isProvider }: Given) => {
  const { facts, replayed } = useReplayed(leaseId)
  const { entries, states } = replayed.value
  if (facts.fault.value) return <Told told={facts.fault.value} />
  if (!facts.isThere.value) return <p class="loading">Reading its facts…</p>
  const at = entries.length
  const counting = countingOf(entries, states[at]!, at)
  return (
    <>
      <section class="card">
        <h2>Where it stands</h2>
        <Statechart entries={entries} states={states} at={at} isLive />
        <p>
          <a href={`/lease/${leaseId}/log`}>Its {at} facts, and time travel through them</a>
        </p>
      </section>
      <section class="card">
        <div class="title">
          <h2>Use and cost</h2>
          <a href={`/lease/${leaseId}/payments`}>Ticks and vouchers</a>
        </div>
        {counting && <Counter counting={counting} label={isProvider ? 'Earned until now' : 'Owed until now'} />}
        <UsagePlots entries={entries} at={at} isProvider={isProvider} />
      </section>
    </>
  )
}
