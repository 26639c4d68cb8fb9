import { useLive } from '../api/live.ts'
import { graphql } from '../graphql.ts'
import { At, Msat, Time } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'

const MARKET = graphql(`
  query MarketHealth {
    status { position }
    marketStatistics {
      announcements machinesWanted openOffers from
      timeToAgreed { count p50Ms p90Ms }
      timeToServing { count p50Ms p90Ms }
      sold { owedMsat }
    }
  }
`)

/** What the market does, as this node knows it, over the last day. */
export const MarketCard = () => {
  const live = useLive(MARKET, {}, ['market'])
  const data = live.data.value
  return (
    <section class="card">
      <h2>Market</h2>
      {live.fault.value && <Told told={live.fault.value} />}
      {data && (
        <dl class="facts">
          <dt>Announcements that stand</dt>
          <dd class="figure">
            {data.marketStatistics.announcements}, for {data.marketStatistics.machinesWanted} machines
          </dd>
          <dt>Offers that are open</dt>
          <dd class="figure">{data.marketStatistics.openOffers}</dd>
          <dt>Until agreed</dt>
          <dd>
            <Fill of={data.marketStatistics.timeToAgreed} />
          </dd>
          <dt>Until it serves</dt>
          <dd>
            <Fill of={data.marketStatistics.timeToServing} />
          </dd>
          <dt>Sold</dt>
          <dd>
            <Msat of={data.marketStatistics.sold?.owedMsat} />
          </dd>
          <dt>Since</dt>
          <dd>
            <At of={data.marketStatistics.from} />
          </dd>
        </dl>
      )}
    </section>
  )
}

type Times = { readonly count: number; readonly p50Ms: string; readonly p90Ms: string } | null

const Fill = ({ of }: { readonly of: Times }) =>
  of === null ? (
    <span class="faint">no lease came of an announcement</span>
  ) : (
    <>
      half within <Time of={Number(of.p50Ms) / 1_000} />, of <span class="figure">{of.count}</span>
    </>
  )
