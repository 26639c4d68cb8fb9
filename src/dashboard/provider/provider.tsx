import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { PriceTable } from '../part/price-table.tsx'
import { Screen } from '../part/screen.tsx'
import { At, Msat, Sats, Size, said, Time, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { Availability } from './availability.tsx'
import { ProviderLeases, ProviderOffers } from './provider-lists.tsx'

const PROVIDER = graphql(`
  query Provider($key: PublicKey!, $of: [PublicKey!]!) {
    status { position }
    provider(key: $key) {
      id
      key
      firstAt
      lastAt
      offerCount
      agreedCount
      servedCount
      servingCount
      servedS
      faultCount
      paidSats
      hourlyMsat
      isolation
      internet
      images
      mostDiskBytes
      mostDurationS
      hardware { cpuModel cores memoryBytes marks }
      price { startMsat wallHour cpuHour memGiBHour diskGiBHour pausedDiskGiBHour ioReadGiB ioWriteGiB netRxGiB netTxGiB }
      ends { code culprit count }
      availability {
        week { lentShare spanS served { leases broken servedS fullShare } }
        month { lentShare spanS served { leases broken servedS fullShare } }
        hoursOfWeek
      }
    }
    offers(first: 20, filter: { provider: $of }) {
      edges { node { id leaseId announcementTxid hourlyMsat status at } }
    }
    leases(first: 20, filter: { provider: $of, side: PUBLISHER }) {
      edges { node { id leaseId stage soughtAt paidSats end { code culprit } } }
    }
  }
`)
type Known = NonNullable<ResultOf<typeof PROVIDER>['provider']>

/** All that this node knows of a provider: by its offers, and by how its leases went. */
export const Provider = ({ of = '' }: Readonly<Record<string, string>>) => {
  const live = useLive(PROVIDER, { key: of, of: [of] }, ['market'])
  return (
    <Screen title="Provider" cli={['zennet market stats', 'zennet lease ls']} live={live}>
      {({ provider, offers, leases }) =>
        provider === null ? (
          <Told
            told={{
              code: 'provider.unknown',
              message: 'That provider has made this node no offer.',
              culprit: 'you',
              next: 'Choose one of the list of providers.',
            }}
          />
        ) : (
          <>
            <p>
              <code class="key">{provider.key}</code>
            </p>
            <div class="two">
              <Machine of={provider} />
              <Record of={provider} />
            </div>
            {provider.availability && <Availability of={provider.availability} />}
            <section class="card">
              <h2>What it asked for last</h2>
              <PriceTable columns={{ Price: provider.price }} />
            </section>
            <ProviderOffers of={offers.edges.map(({ node }) => node)} />
            <ProviderLeases of={leases.edges.map(({ node }) => node)} />
          </>
        )
      }
    </Screen>
  )
}

const Machine = ({ of }: { readonly of: Known }) => (
  <section class="card">
    <h2>Its machine, as it says itself</h2>
    <dl class="facts">
      <dt>CPU</dt>
      <dd>
        {of.hardware.cores} × <Words of={of.hardware.cpuModel} />
      </dd>
      <dt>Memory</dt>
      <dd>
        <Size of={of.hardware.memoryBytes} />
      </dd>
      {Object.entries((of.hardware.marks ?? {}) as Record<string, unknown>).map(([name, mark]) => (
        <>
          <dt>
            <Words of={name} />
          </dt>
          <dd class="figure">
            <Words of={mark} /> <span class="faint">a benchmark mark, higher is better</span>
          </dd>
        </>
      ))}
      <dt>Full use, an hour</dt>
      <dd>
        <Msat of={of.hourlyMsat} />
      </dd>
      <dt>Kept apart by</dt>
      <dd>{said(of.isolation)}</dd>
      <dt>Network</dt>
      <dd>{of.internet ? 'it offered the internet' : 'none offered so far'}</dd>
      <dt>Largest disk</dt>
      <dd>
        <Size of={of.mostDiskBytes} />
      </dd>
      <dt>Longest duration</dt>
      <dd>
        <Time of={of.mostDurationS} />
      </dd>
      <dt>Images</dt>
      <dd>
        {of.images.map((image) => (
          <div key={image}>
            <Words of={image} />
          </div>
        ))}
      </dd>
    </dl>
  </section>
)

const Record = ({ of }: { readonly of: Known }) => (
  <section class="card" aria-live="polite">
    <h2>What came of it</h2>
    <dl class="facts">
      <dt>First offer</dt>
      <dd>
        <At of={of.firstAt} />
      </dd>
      <dt>Newest offer</dt>
      <dd>
        <At of={of.lastAt} />, of {of.offerCount}
      </dd>
      <dt>Agreed</dt>
      <dd class="figure">{of.agreedCount} leases</dd>
      <dt>Served</dt>
      <dd class="figure">
        {of.servedCount} leases, <Time of={of.servedS} /> in all; {of.servingCount} now
      </dd>
      <dt>Paid</dt>
      <dd>
        <Sats of={of.paidSats} />
      </dd>
      <dt>By its fault</dt>
      <dd class="figure">{of.faultCount} ended</dd>
    </dl>
    {of.ends.length > 0 && (
      <>
        <h3>How leases ended, or never came to be</h3>
        <ul>
          {of.ends.map(({ code, culprit, count }) => (
            <li key={code}>
              {count} × <code>{code}</code> <span class="faint">by {culprit}</span>
            </li>
          ))}
        </ul>
      </>
    )}
  </section>
)
