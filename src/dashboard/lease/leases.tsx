import { useComputed } from '@preact/signals'
import { PAGE, type Pages, usePages } from '../api/pages.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Choice, chosen } from '../part/choice.tsx'
import { useCommands } from '../part/equivalents.tsx'
import { At, Msat, Sats, Short, State, said, Time, Words } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { VirtualRows } from '../part/virtual-rows.tsx'

const LEASES = graphql(`
  query Leases($first: Int!, $after: String, $filter: LeaseFilter, $orderBy: LeaseOrder) {
    status { position }
    leases(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      edges {
        node {
          id
          position
          leaseId
          side
          stage
          starved
          image
          hourlyMsat
          paidSats
          capacitySats
          soughtAt
          publisherKey
          providerKey
          pauses { code }
          end { code culprit }
          forecast { emptyInS }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

type Row = ResultOf<typeof LEASES>['leases']['edges'][number]['node']

const STAGES = ['ANNOUNCE', 'CONNECT', 'CHALLENGE', 'NEGOTIATE', 'PROVISION', 'METER', 'SETTLE'] as const
const ENDS = ['SETTLED', 'REFUNDED', 'LAPSED', 'REFUSED', 'FAILED'] as const
const ALL_STAGES = [...STAGES, ...ENDS]
const STAGE_CHOICES = {
  '': 'all',
  running: 'not over',
  over: 'over',
  ...Object.fromEntries(ALL_STAGES.map((stage) => [stage, said(stage)])),
}
const ORDERS = { '': 'BEGAN', changed: 'CHANGED', paid: 'PAID', dear: 'HOURLY' } as const

/** What the address line asks for; words that are not known there ask for nothing. */
const asked = () => {
  const state = chosen('state', ['', 'running', 'over', ...ALL_STAGES])
  const side = chosen('side', ['', 'PUBLISHER', 'PROVIDER'])
  const order = chosen('order', ['', 'changed', 'paid', 'dear'])
  const stage = ALL_STAGES.find((one) => one === state)
  const ofSide = side === '' ? {} : { side }
  return {
    ofSide,
    fits: (row: Row): boolean => {
      if (state === 'running' || state === 'over') return ENDS.some((end) => end === row.stage) === (state === 'over')
      return stage === undefined || row.stage === stage
    },
    orderBy: { by: ORDERS[order], direction: 'DESCENDING' as const },
    filter: {
      ...(stage ? { stage: [stage] } : {}),
      ...(state === 'running' || state === 'over' ? { active: state === 'running' } : {}),
      ...ofSide,
    },
  }
}

/** Every lease that this node is a side of. */
export const Leases = () => {
  const { ofSide, fits, filter, orderBy } = useComputed(asked).value
  const pages = usePages(
    LEASES,
    { first: PAGE, filter, orderBy },
    { first: PAGE, filter: ofSide, orderBy: { by: 'CHANGED', direction: 'DESCENDING' } },
    'market',
    ({ leases }) => leases,
    fits,
  )
  useCommands(['zennet lease ls'])
  return (
    <>
      <div class="title">
        <h1>Leases</h1>
        <a href="/replay">Look at a log from a file</a>
      </div>
      <div class="filters">
        <Choice name="state" label="State" choices={STAGE_CHOICES} />
        <Choice
          name="side"
          label="This node is"
          choices={{ '': 'either side', PUBLISHER: 'the publisher', PROVIDER: 'the provider' }}
        />
        <Choice
          name="order"
          label="First"
          choices={{ '': 'newest', changed: 'changed last', paid: 'paid most', dear: 'dearest' }}
        />
      </div>
      {pages.fault.value && <Told told={pages.fault.value} />}
      <Rows pages={pages} />
    </>
  )
}

const HEAD = [
  'Began',
  'Side',
  'State',
  'Image',
  'At most an hour',
  'Paid',
  'Deposit',
  'Ends in',
  'End',
  'Other side',
  'Id',
]

const Rows = ({ pages }: { readonly pages: Pages<Row> }) => {
  const rows = pages.rows.value
  if (!pages.isThere.value) return <p class="loading">Loading…</p>
  if (rows.length === 0)
    return (
      <p class="empty">
        No lease fits. Rent a machine: post what you need in the <a href="/market">market</a>, or with{' '}
        <code>zennet rent</code>.
      </p>
    )
  return (
    <VirtualRows rows={rows} rowPx={40} head={HEAD} label="Leases" keyOf={({ id }) => id} onEnd={pages.more}>
      {(row) => [
        <At of={row.soughtAt} />,
        said(row.side),
        <>
          <State of={row.stage} /> {row.starved && 'unpaid'} {row.pauses.length > 0 && 'paused'}
        </>,
        <span class="clip">
          <Words of={row.image ?? 'not agreed'} />
        </span>,
        <Msat of={row.hourlyMsat} />,
        <Sats of={row.paidSats} />,
        <Sats of={row.capacitySats} />,
        <Time of={row.forecast?.emptyInS} />,
        row.end === null ? '' : `${row.end.code} (${row.end.culprit})`,
        <Short of={row.side === 'PUBLISHER' ? row.providerKey : row.publisherKey} />,
        <Short of={row.leaseId} to={`/lease/${row.leaseId}`} />,
      ]}
    </VirtualRows>
  )
}
