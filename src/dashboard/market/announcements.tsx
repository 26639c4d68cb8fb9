import { useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { PAGE, type Pages, usePages } from '../api/pages.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Choice } from '../part/choice.tsx'
import { commands } from '../part/equivalents.tsx'
import { At, Msat, Short, Size, State, Time, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { VirtualRows } from '../part/virtual-rows.tsx'
import { parameters } from '../route.ts'

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

const STATES = ['', 'STANDING', 'WITHDRAWN', 'EXPIRED'] as const
const ORDERS = { new: 'BEGAN', changed: 'CHANGED', bond: 'BOND' } as const
type OrderName = keyof typeof ORDERS

/** What the market asks for. */
export const Announcements = () => {
  const asked = useComputed(() => {
    const status = parameters.value.get('status') ?? ''
    const order = (parameters.value.get('order') ?? 'new') as OrderName
    const whose = parameters.value.get('whose') ?? ''
    return {
      status: STATES.find((one) => one === status) ?? '',
      order: order in ORDERS ? order : ('new' as const),
      whose,
    }
  }).value
  const filter = {
    ...(asked.status === '' ? {} : { status: [asked.status] }),
    ...(asked.whose === '' ? {} : { own: asked.whose === 'own' }),
  }
  const list = { first: PAGE, filter }
  const pages = usePages(
    ANNOUNCEMENTS,
    { ...list, orderBy: { by: ORDERS[asked.order], direction: 'DESCENDING' } },
    { ...list, orderBy: { by: 'CHANGED', direction: 'DESCENDING' } },
    'market',
    ({ announcements }) => announcements,
  )
  useEffect(() => {
    commands.value = ['zennet market ls', 'zennet market watch']
  }, [])
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
