import { Msat, Sats } from '../part/shown.tsx'
import { EarningPlots } from './earning-plots.tsx'

type Given = {
  readonly month: {
    readonly settledSats: string
    readonly settledCount: number
    readonly heldSats: string
    readonly owedMsat: string
    readonly activeCount: number
  }
  readonly today: { readonly settledSats: string; readonly settledCount: number }
  readonly askHourlyMsat: string
}

/** What was earned, on the chain and before it is there. */
export const Earned = ({ month, today, askHourlyMsat }: Given) => (
  <>
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
    <EarningPlots />
  </>
)
