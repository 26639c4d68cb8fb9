import { PAGE, type Pages, usePages } from '../api/pages.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Choice, chosen } from '../part/choice.tsx'
import { useCommands } from '../part/equivalents.tsx'
import { At, Msat, Sats, Short, Size, said, Time, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { VirtualRows } from '../part/virtual-rows.tsx'

const PROVIDERS = graphql(`
  query Providers($first: Int!, $after: String, $filter: ProviderFilter, $orderBy: ProviderOrder) {
    status { position }
    providers(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges {
        node {
          id
          position
          key
          lastAt
          hourlyMsat
          isolation
          servedCount
          servingCount
          servedS
          faultCount
          paidSats
          hardware { cpuModel cores memoryBytes }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

type Row = ResultOf<typeof PROVIDERS>['providers']['edges'][number]['node']

const ORDERS = { last: 'LAST', cheap: 'HOURLY', served: 'SERVED', paid: 'PAID' } as const
const ISOLATIONS = ['all', 'NONE', 'NAMESPACE', 'CONTAINER', 'VM'] as const

/** Everybody who ever made this node an offer. */
export const Providers = () => {
  const order = chosen('order', ['last', 'cheap', 'served', 'paid'])
  const isolation = chosen('isolation', ISOLATIONS)
  const list = { first: PAGE, filter: isolation === 'all' ? {} : { isolation: [isolation] } }
  const pages = usePages(
    PROVIDERS,
    { ...list, orderBy: { by: ORDERS[order], direction: order === 'cheap' ? 'ASCENDING' : 'DESCENDING' } },
    { first: PAGE, filter: {}, orderBy: { by: 'CHANGED', direction: 'DESCENDING' } },
    'market',
    ({ providers }) => providers,
    (row) => isolation === 'all' || row.isolation === isolation,
  )
  useCommands(['zennet market stats', 'zennet market depth'])
  return (
    <>
      <div class="title">
        <h1>Providers</h1>
      </div>
      <div class="filters">
        <Choice
          name="order"
          label="First"
          choices={{ last: 'newest offer', cheap: 'cheapest', served: 'most leases', paid: 'most paid' }}
        />
        <Choice
          name="isolation"
          label="Kept apart by"
          choices={Object.fromEntries(ISOLATIONS.map((one) => [one, one === 'all' ? 'anything' : said(one)]))}
        />
      </div>
      {pages.fault.value && <Told told={pages.fault.value} />}
      <Rows pages={pages} />
    </>
  )
}

const HEAD = [
  'Provider',
  'Newest offer',
  'An hour',
  'Hardware',
  'Memory',
  'Apart by',
  'Leases',
  'Served',
  'Its faults',
  'Paid',
]

const Rows = ({ pages }: { readonly pages: Pages<Row> }) => {
  const rows = pages.rows.value
  if (!pages.isThere.value) return <p class="loading">Loading…</p>
  if (rows.length === 0)
    return (
      <p class="empty">
        No provider has made this node an offer that fits. They answer announcements: <a href="/post">post one</a>.
      </p>
    )
  return (
    <VirtualRows rows={rows} rowPx={40} head={HEAD} label="Providers" keyOf={({ id }) => id} onEnd={pages.more}>
      {(row) => [
        <Short of={row.key} to={`/provider/${row.key}`} />,
        <At of={row.lastAt} />,
        <Msat of={row.hourlyMsat} />,
        <span class="clip">
          {row.hardware.cores} × <Words of={row.hardware.cpuModel} />
        </span>,
        <Size of={row.hardware.memoryBytes} />,
        said(row.isolation),
        <span class="figure">
          {row.servedCount}
          {row.servingCount > 0 && `, ${row.servingCount} now`}
        </span>,
        <Time of={row.servedS} />,
        <span class="figure">{row.faultCount}</span>,
        <Sats of={row.paidSats} />,
      ]}
    </VirtualRows>
  )
}
