import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { PriceTable } from '../part/price-table.tsx'
import { Screen } from '../part/screen.tsx'
import { Told } from '../part/told.tsx'
import { Earned } from './earned.tsx'
import { LeasesNow } from './leases-now.tsx'
import { Refused } from './refused.tsx'
import { Rules } from './rules.tsx'
import { WhatIf } from './what-if.tsx'

const LENDING = graphql(`
  query Lending {
    status { position machines }
    lending {
      askHourlyMsat
      ask { startMsat wallHour cpuHour memGiBHour diskGiBHour pausedDiskGiBHour ioReadGiB ioWriteGiB netRxGiB netTxGiB }
      floor { startMsat wallHour cpuHour memGiBHour diskGiBHour pausedDiskGiBHour ioReadGiB ioWriteGiB netRxGiB netTxGiB }
      total { cpuMillis memoryBytes diskBytes pids }
      free { cpuMillis memoryBytes diskBytes pids }
      images
      internet
      isolation
      leases
      maxLeases
      maxDurationS
      openForS
      openUntil
      trustedKeys
    }
    announcements(first: 20, filter: { matched: false }) {
      edges { node { id txid label image firstAt status maxHourlyMsat verdict { rules { rule ok want have } } } }
    }
  }
`)

export type Lent = NonNullable<ResultOf<typeof LENDING>['lending']>

/** The provider's own view: what it earns, what it lends, by which rules, and what others would have earned. */
export const Lending = () => {
  const live = useLive(LENDING, {}, ['market', 'wallet'])
  return (
    <Screen title="Lending" cli={['zennet provide --help', 'zennet lease ls', 'zennet market stats']} live={live}>
      {({ lending, announcements }) =>
        lending === null ? (
          <Told
            told={{
              code: 'not-a-provider',
              message: 'This node lends nothing out.',
              culprit: 'you',
              next: 'Run zennet provide on a machine that has something to spare, and open its dashboard.',
            }}
          />
        ) : (
          <>
            <Earned askHourlyMsat={lending.askHourlyMsat} />
            <LeasesNow />
            <div class="two">
              <Rules of={lending} />
              <section class="card">
                <h2>Prices</h2>
                <PriceTable columns={{ 'asked first': lending.ask, 'at the least': lending.floor }} />
              </section>
            </div>
            <WhatIf of={lending} />
            <Refused of={announcements.edges.map(({ node }) => node)} />
          </>
        )
      }
    </Screen>
  )
}
