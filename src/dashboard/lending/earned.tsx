import { useLiveLeases } from '../api/live-leases.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Msat, Sats } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { EarningPlots } from './earning-plots.tsx'

const EARNED = graphql(`
  query Earned {
    status { position }
    month: earnings(days: 30) { settledSats settledCount heldSats owedMsat activeCount }
    today: earnings(days: 1) { settledSats settledCount }
    leases(first: 20, filter: { side: PROVIDER, active: true }) { edges { node { id leaseId } } }
  }
`)

/** What was earned, on the chain and before it is there. */
export const Earned = ({ askHourlyMsat }: { readonly askHourlyMsat: string }) => {
  const { data, fault } = useLiveLeases(EARNED, {}, ['market', 'wallet'], ({ leases }) =>
    leases.edges.map(({ node }) => node.leaseId),
  )
  return (
    <>
      {fault && <Told told={fault} />}
      {data && <Sums of={data} askHourlyMsat={askHourlyMsat} />}
      <EarningPlots />
    </>
  )
}

type Given = { readonly of: ResultOf<typeof EARNED>; readonly askHourlyMsat: string }

const Sums = ({ of: { month, today }, askHourlyMsat }: Given) => (
  <div class="cards" aria-live="polite">
    <section class="card">
      <h2>Paid today</h2>
      <p class="big">
        <Sats of={today.settledSats} />
      </p>
      <p class="faint">by {today.settledCount} leases, on the chain (UTC)</p>
    </section>
    <section class="card">
      <h2>Paid in 30 days</h2>
      <p class="big">
        <Sats of={month.settledSats} />
      </p>
      <p class="faint">by {month.settledCount} leases, on the chain</p>
    </section>
    <section class="card">
      <h2>In vouchers</h2>
      <p class="big">
        <Sats of={month.heldSats} />
      </p>
      <p class="faint">
        of {month.activeCount} leases not settled yet; owed beyond them <Msat of={month.owedMsat} />
      </p>
    </section>
    <section class="card">
      <h2>If all were in full use</h2>
      <p class="big">
        <Msat of={askHourlyMsat} />
      </p>
      <p class="faint">an hour, at the price asked first</p>
    </section>
  </div>
)
