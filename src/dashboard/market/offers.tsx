import { PAGE, type Pages, usePages } from '../api/pages.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Choice, chosen } from '../part/choice.tsx'
import { useCommands } from '../part/equivalents.tsx'
import { At, Msat, Short, Size, State, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { VirtualRows } from '../part/virtual-rows.tsx'

const OFFERS = graphql(`
  query Offers($first: Int!, $after: String, $filter: OfferFilter, $orderBy: OfferOrder) {
    status { position }
    offers(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges {
        node {
          id
          position
          at
          status
          providerKey
          hourlyMsat
          counterHourlyMsat
          final
          image
          leaseId
          announcementTxid
          resources { cpuMillis memoryBytes diskBytes }
          hardware { cpuModel }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

type Row = ResultOf<typeof OFFERS>['offers']['edges'][number]['node']

const ORDERS = { new: 'BEGAN', changed: 'CHANGED', cheap: 'HOURLY' } as const

/** What providers have offered to this node, in answer to its announcements. */
export const Offers = () => {
  const status = chosen('status', ['all', 'OPEN', 'AGREED', 'REFUSED', 'REPLACED'])
  const order = chosen('order', ['new', 'changed', 'cheap'])
  const list = { first: PAGE, filter: status === 'all' ? {} : { status: [status] } }
  const pages = usePages(
    OFFERS,
    { ...list, orderBy: { by: ORDERS[order], direction: order === 'cheap' ? 'ASCENDING' : 'DESCENDING' } },
    { first: PAGE, filter: {}, orderBy: { by: 'CHANGED', direction: 'DESCENDING' } },
    'market',
    ({ offers }) => offers,
    (row) => status === 'all' || row.status === status,
  )
  useCommands(['zennet market depth', 'zennet market watch'])
  return (
    <>
      <div class="filters">
        <Choice
          name="status"
          label="State"
          choices={{ all: 'all', OPEN: 'open', AGREED: 'agreed', REFUSED: 'refused', REPLACED: 'replaced' }}
        />
        <Choice name="order" label="First" choices={{ new: 'newest', changed: 'changed last', cheap: 'cheapest' }} />
      </div>
      {pages.fault.value && <Told told={pages.fault.value} />}
      <Rows pages={pages} />
    </>
  )
}

const HEAD = ['Offered', 'State', 'An hour', 'Countered', 'Cores', 'Memory', 'Disk', 'CPU', 'Provider', 'For', 'Lease']

const Rows = ({ pages }: { readonly pages: Pages<Row> }) => {
  const rows = pages.rows.value
  if (!pages.isThere.value) return <p class="loading">Loading…</p>
  if (rows.length === 0)
    return (
      <p class="empty">
        No offer that fits. Providers answer announcements: <a href="/post">post one</a>.
      </p>
    )
  return (
    <VirtualRows rows={rows} rowPx={40} head={HEAD} label="Offers" keyOf={({ id }) => id} onEnd={pages.more}>
      {(row) => [
        <At of={row.at} />,
        <State of={row.status} />,
        <span>
          <Msat of={row.hourlyMsat} /> {row.final && <span class="faint">final</span>}
        </span>,
        <Msat of={row.counterHourlyMsat} />,
        <span class="figure">{row.resources.cpuMillis / 1_000}</span>,
        <Size of={row.resources.memoryBytes} />,
        <Size of={row.resources.diskBytes} />,
        <span class="clip">
          <Words of={row.hardware.cpuModel} />
        </span>,
        <Short of={row.providerKey} to={`/provider/${row.providerKey}`} />,
        <Short of={row.announcementTxid} to={`/announcement/${row.announcementTxid}`} />,
        <Short of={row.leaseId} to={`/lease/${row.leaseId}`} />,
      ]}
    </VirtualRows>
  )
}
