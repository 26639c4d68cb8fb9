import { useRef } from 'preact/hooks'
import { showNumber } from '../../../domain/shown.ts'
import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { alignedBy, showMoment } from '../part/aligned.ts'
import { Choice, chosen } from '../part/choice.tsx'
import { Plot } from '../part/plot.tsx'
import { Told } from '../part/told.tsx'

const SOLD = graphql(`
  query EarnedInBuckets($bucket: BucketSpan!) {
    status { position }
    utilisation(bucket: $bucket, first: 100) {
      edges { node { from leasedCpuShare usedCpuShare leasedMemoryShare sold { owedMsat settledSats } } }
    }
  }
`)

type Found = ResultOf<typeof SOLD>

/** Earnings and utilisation, by the hour or by the day. */
export const EarningPlots = () => {
  const by = chosen('by', ['hour', 'day'])
  const live = useLive(SOLD, { bucket: by === 'day' ? 'DAY' : 'HOUR' }, ['market', 'wallet'])
  // What was shown before stays until there is something else to show.
  const kept = useRef<Found | undefined>(undefined)
  if (live.data.value !== undefined) kept.current = live.data.value
  return (
    <section class="card">
      <h2>As it went</h2>
      <div class="filters">
        <Choice name="by" label="By" choices={{ hour: 'hour', day: 'day' }} />
      </div>
      {live.fault.value && <Told told={live.fault.value} />}
      {kept.current && <Plots of={kept.current} />}
    </section>
  )
}

const Plots = ({ of }: { readonly of: Found }) => {
  const buckets = of.utilisation.edges.map(({ node }) => node)
  if (buckets.length === 0)
    return <p class="empty">Nothing was leased here yet. Announcements that fit are answered by themselves.</p>
  const earned = alignedBy(
    buckets.map(({ from, sold }) => [from, Number(sold.owedMsat) / 1_000]),
    buckets.map(({ from, sold }) => [from, Number(sold.settledSats)]),
  )
  const used = alignedBy(
    buckets.map(({ from, leasedCpuShare }) => [from, leasedCpuShare]),
    buckets.map(({ from, usedCpuShare }) => [from, usedCpuShare]),
    buckets.map(({ from, leasedMemoryShare }) => [from, leasedMemoryShare]),
  )
  const across = (at: readonly number[]) => ({ label: 'From', values: at, isTime: true, show: showMoment })
  return (
    <>
      <Plot
        label="Earned"
        across={across(earned.at)}
        lines={[
          { label: 'by use in that time', values: earned.lines[0]!, tone: 'accent' },
          { label: 'paid on the chain in that time', values: earned.lines[1]!, tone: 'warn' },
        ]}
        show={(sats) => `${showNumber(Math.ceil(sats))} sats`}
      />
      <Plot
        label="Utilisation"
        across={across(used.at)}
        lines={[
          { label: 'cores leased', values: used.lines[0]!, tone: 'accent' },
          { label: 'cores used', values: used.lines[1]!, tone: 'warn' },
          { label: 'memory leased', values: used.lines[2]!, tone: 'good' },
        ]}
        show={(share) => `${(share * 100).toFixed(0)} %`}
      />
    </>
  )
}
