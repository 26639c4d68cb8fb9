import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printRows } from '../output.ts'
import { msatToSats, showNumber, showTime } from '../quantity.ts'
import { LEASE_FIELDS, type LeaseView } from './lease-view.ts'

const COLUMNS: readonly Column<LeaseView>[] = [
  ['LEASE', (it) => it.leaseId],
  ['SIDE', (it) => it.side.toLowerCase()],
  ['STAGE', (it) => (it.starved ? 'starved' : it.stage.toLowerCase())],
  ['IMAGE', (it) => it.image],
  ['SATS/H', (it) => showNumber(msatToSats(it.hourlyMsat))],
  ['PAID', (it) => showNumber(it.paidSats)],
  ['LASTS', ({ forecast }) => forecast && `${showTime(forecast.emptyInS)}${forecast.low ? ' (low)' : ''}`],
  ['SINCE', (it) => it.servingSince ?? it.soughtAt],
  ['END', (it) => it.end?.code],
]

type LsFlags = NodeFlags & {
  readonly output: Output
  readonly active?: true
  readonly side?: string
  readonly limit: number
}

/** Newest first. */
export const listLeases = async (flags: LsFlags): Promise<void> => {
  const { leases } = await connect(flags).request<{ leases: { edges: { node: LeaseView }[] } }>(
    `query($first: Int!, $active: Boolean, $side: Side) {
      leases(first: $first, filter: { active: $active, side: $side }) { edges { node { ${LEASE_FIELDS} } } }
    }`,
    { first: flags.limit, active: flags.active ?? null, side: flags.side?.toUpperCase() ?? null },
  )
  printRows(
    leases.edges.map(({ node }) => node),
    COLUMNS,
    flags.output,
  )
}
