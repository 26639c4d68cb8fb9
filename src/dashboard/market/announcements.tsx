import { PAGE, type Pages, usePages } from '../api/pages.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Choice, chosen } from '../part/choice.tsx'
import { useCommands } from '../part/equivalents.tsx'
import { At, Msat, Short, Size, State, Time, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { VirtualRows } from '../part/virtual-rows.tsx'

const ANNOUNCEMENTS = graphql(`
  query Announcements($first: Int!, $after: String, $filter: AnnouncementFilter, $orderBy: AnnouncementOrder) {
    status { position }
    announcements(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges {
        node {
          id
          position
          txid
          status
          own
          label
          image
          count
          maxHourlyMsat
          maxDurationS
          firstAt
          resources { cpuMillis memoryBytes diskBytes }
          verdict { ok }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

type Row = ResultOf<typeof ANNOUNCEMENTS>['announcements']['edges'][number]['node']

const ORDERS = { new: 'BEGAN', changed: 'CHANGED', bond: 'BOND' } as const

/** What the market asks for. */
export const Announcements = () => {
  const status = chosen('status', ['', 'STANDING', 'WITHDRAWN', 'EXPIRED'])
  const whose = chosen('whose', ['', 'own', 'others'])
  const order = chosen('order', ['new', 'changed', 'bond'])
  const ofWhom = whose === '' ? {} : { own: whose === 'own' }
  const pages = usePages(
    ANNOUNCEMENTS,
    {
      first: PAGE,
      filter: { ...ofWhom, ...(status === '' ? {} : { status: [status] }) },
      orderBy: { by: ORDERS[order], direction: 'DESCENDING' },
    },
    { first: PAGE, filter: ofWhom, orderBy: { by: 'CHANGED', direction: 'DESCENDING' } },
    'market',
    ({ announcements }) => announcements,
    (row) => status === '' || row.status === status,
  )
  useCommands(['zennet market ls', 'zennet market watch'])
  return (
    <>
      <div class="filters">
        <Choice
          name="status"
          label="State"
          choices={{ '': 'all', STANDING: 'standing', WITHDRAWN: 'withdrawn', EXPIRED: 'expired' }}
        />
        <Choice name="whose" label="Whose" choices={{ '': 'everybody’s', own: 'mine', others: 'others’' }} />
        <Choice name="order" label="First" choices={{ '': 'newest', changed: 'changed last', bond: 'largest bond' }} />
      </div>
      {pages.fault.value && <Told told={pages.fault.value} />}
      <Rows pages={pages} />
    </>
  )
}

const HEAD = ['Announced', 'State', 'Wanted', 'Cores', 'Memory', 'Disk', 'At most an hour', 'For', 'Label', 'Id']

const Rows = ({ pages }: { readonly pages: Pages<Row> }) => {
  const rows = pages.rows.value
  if (!pages.isThere.value) return <p class="loading">Loading…</p>
  if (rows.length === 0) return <p class="empty">Nothing is announced that fits.</p>
  return (
    <VirtualRows rows={rows} rowPx={40} head={HEAD} label="Announcements" keyOf={({ id }) => id} onEnd={pages.more}>
      {(row) => [
        <At of={row.firstAt} />,
        <State of={row.status} />,
        <span class="clip">
          {row.count ?? '?'} × <Words of={row.image ?? 'not told'} />
        </span>,
        <span class="figure">{row.resources ? row.resources.cpuMillis / 1_000 : '–'}</span>,
        <Size of={row.resources?.memoryBytes} />,
        <Size of={row.resources?.diskBytes} />,
        <Msat of={row.maxHourlyMsat} />,
        <Time of={row.maxDurationS} />,
        <span class="clip">
          <Words of={row.label ?? ''} />
        </span>,
        <Short of={row.txid} to={`/announcement/${row.txid}`} />,
      ]}
    </VirtualRows>
  )
}
