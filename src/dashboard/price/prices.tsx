import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { Choice, chosen } from '../part/choice.tsx'
import { Screen } from '../part/screen.tsx'
import { Time } from '../part/shown.tsx'
import { History, SPANS } from './history.tsx'
import { OrderBook } from './order-book.tsx'
import { PriceIndex } from './price-index.tsx'
import { RESOURCE_NAMES, RESOURCES } from './resources.ts'

const PRICES = graphql(`
  query Prices {
    status { position }
    depth {
      demand { levelMsat entries machines machinesSoFar cores }
      supply { levelMsat entries machines machinesSoFar cores }
    }
    marketStatistics(hours: 24) {
      announcements
      machinesWanted
      openOffers
      prices {
        resource
        agreed { count medianMsat minMsat maxMsat }
        offered { count medianMsat minMsat maxMsat }
      }
      timeToAgreed { count p50Ms p90Ms }
      timeToServing { count p50Ms p90Ms }
    }
  }
`)

/** The market as this node knows it: what is asked and bid now, what was paid, and how it went before. */
export const Prices = () => {
  const live = useLive(PRICES, {}, ['market'])
  return (
    <Screen title="Prices" cli={['zennet market depth', 'zennet market stats']} live={live}>
      {({ depth, marketStatistics: now }) => (
        <>
          <div class="cards" aria-live="polite">
            <Figure label="Machines wanted now" value={`${now.machinesWanted}`}>
              by {now.announcements} announcements
            </Figure>
            <Figure label="Offers that wait" value={`${now.openOffers}`}>
              made to this node
            </Figure>
            <Figure label="Until both sign" value={<Took of={now.timeToAgreed?.p50Ms} />}>
              half of the last day’s; nine of ten in <Took of={now.timeToAgreed?.p90Ms} />
            </Figure>
            <Figure label="Until it runs" value={<Took of={now.timeToServing?.p50Ms} />}>
              half of the last day’s; nine of ten in <Took of={now.timeToServing?.p90Ms} />
            </Figure>
          </div>
          <OrderBook {...depth} />
          <PriceIndex of={now.prices} />
          <section class="card">
            <h2>As it went</h2>
            <div class="filters">
              <Choice name="of" label="Price of" choices={RESOURCE_NAMES} />
              <Choice name="by" label="By" choices={SPANS} />
            </div>
            <History resource={chosen('of', RESOURCES)} span={chosen('by', ['hour', 'minute', 'day'])} />
          </section>
        </>
      )}
    </Screen>
  )
}

type FigureGiven = {
  readonly label: string
  readonly value: preact.ComponentChildren
  readonly children: preact.ComponentChildren
}

const Figure = ({ label, value, children }: FigureGiven) => (
  <section class="card">
    <h2>{label}</h2>
    <p class="big">{value}</p>
    <p class="faint">{children}</p>
  </section>
)

/** Milliseconds; short ones to a tenth of a second. */
const Took = ({ of }: { readonly of: string | undefined }) => {
  if (of === undefined) return <Time of={null} />
  const ms = Number(of)
  return ms < 60_000 ? <span class="figure">{(ms / 1_000).toFixed(1)}s</span> : <Time of={ms / 1_000} />
}
