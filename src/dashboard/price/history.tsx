import { useRef } from 'preact/hooks'
import { showNumber } from '../../../domain/shown.ts'
import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { alignedBy, showMoment } from '../part/aligned.ts'
import { Plot } from '../part/plot.tsx'
import { Told } from '../part/told.tsx'
import type { Resource } from './resources.ts'

export const SPANS = { hour: 'hour', minute: 'minute', day: 'day' } as const
const BUCKETS = { hour: 'HOUR', minute: 'MINUTE', day: 'DAY' } as const

const HISTORY = graphql(`
  query PriceHistory($resource: PricedResource!, $bucket: BucketSpan!) {
    status { position }
    agreed: priceHistory(resource: $resource, bucket: $bucket, source: AGREED, first: 100) {
      edges { node { from prices { medianMsat } } }
    }
    offered: priceHistory(resource: $resource, bucket: $bucket, source: OFFERED, first: 100) {
      edges { node { from prices { medianMsat } } }
    }
    toAgreed: fillHistory(bucket: $bucket, stage: AGREED, first: 100) { edges { node { from times { p50Ms } } } }
    toServing: fillHistory(bucket: $bucket, stage: SERVING, first: 100) { edges { node { from times { p50Ms } } } }
    utilisation(bucket: $bucket, first: 100) { edges { node { from leasedCpuShare usedCpuShare } } }
  }
`)

type Found = ResultOf<typeof HISTORY>
type Given = { readonly resource: Resource; readonly span: keyof typeof SPANS }

/** Prices, waiting times and utilisation in buckets of a minute, an hour or a day. */
export const History = ({ resource, span }: Given) => {
  const live = useLive(HISTORY, { resource, bucket: BUCKETS[span] }, ['market'])
  // What was shown before stays until there is something else to show.
  const kept = useRef<Found | undefined>(undefined)
  if (live.data.value !== undefined) kept.current = live.data.value
  const found = kept.current
  return (
    <>
      {live.fault.value && <Told told={live.fault.value} />}
      {found && <Plots of={found} />}
    </>
  )
}

const Plots = ({ of }: { readonly of: Found }) => {
  const median = (msat: string): number => Number(msat) / 1_000
  const prices = alignedBy(
    of.agreed.edges.map(({ node }) => [node.from, median(node.prices.medianMsat)]),
    of.offered.edges.map(({ node }) => [node.from, median(node.prices.medianMsat)]),
  )
  const seconds = (ms: string): number => Number(ms) / 1_000
  const fill = alignedBy(
    of.toAgreed.edges.map(({ node }) => [node.from, seconds(node.times.p50Ms)]),
    of.toServing.edges.map(({ node }) => [node.from, seconds(node.times.p50Ms)]),
  )
  const used = alignedBy(
    of.utilisation.edges.map(({ node }) => [node.from, node.leasedCpuShare]),
    of.utilisation.edges.map(({ node }) => [node.from, node.usedCpuShare]),
  )
  if (prices.at.length === 0 && fill.at.length === 0 && used.at.length === 0)
    return <p class="empty">Nothing was offered or agreed yet in the time that is kept of such buckets.</p>
  const across = (at: readonly number[]) => ({ label: 'From', values: at, isTime: true, show: showMoment })
  return (
    <>
      <Plot
        label="Median price"
        across={across(prices.at)}
        lines={[
          { label: 'agreed', values: prices.lines[0]!, tone: 'accent' },
          { label: 'offered', values: prices.lines[1]!, tone: 'warn' },
        ]}
        show={(sats) => `${showNumber(Math.ceil(sats))} sats`}
      />
      <Plot
        label="Median time from the announcement"
        across={across(fill.at)}
        lines={[
          { label: 'until both signed', values: fill.lines[0]!, tone: 'accent' },
          { label: 'until it ran', values: fill.lines[1]!, tone: 'warn' },
        ]}
        show={(took) => `${took.toFixed(1)} s`}
      />
      {used.at.length > 0 && (
        <Plot
          label="Of this node’s own machine"
          across={across(used.at)}
          lines={[
            { label: 'cores leased', values: used.lines[0]!, tone: 'accent' },
            { label: 'cores used', values: used.lines[1]!, tone: 'warn' },
          ]}
          show={(share) => `${(share * 100).toFixed(0)} %`}
        />
      )}
    </>
  )
}
