import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printRows } from '../output.ts'
import { msatToSats, showNumber, showTime } from '../quantity.ts'
import { MARKET_FEED } from '../watch/feeds.ts'
import { watchLive } from '../watch/live.ts'
import type { WatchFlags } from '../watch/options.ts'
import { LEASE_FIELDS, type LeaseView, readLease } from './lease-view.ts'

export const LEASE_COLUMNS: readonly Column<LeaseView>[] = [
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

type LsFlags = NodeFlags &
  WatchFlags & {
    readonly output: Output
    readonly active?: true
    readonly side?: string
    readonly limit: number
  }

/** Newest first. */
export const listLeases = async (flags: LsFlags): Promise<void> => {
  const client = connect(flags)
  const side = flags.side?.toUpperCase()
  const list = async (atLeast?: string): Promise<readonly LeaseView[]> => {
    const { leases } = await client.request<{ leases: { edges: { node: LeaseView }[] } }>(
      `query($first: Int!, $active: Boolean, $side: Side, $atLeast: Position) {
        leases(first: $first, filter: { active: $active, side: $side }, atLeast: $atLeast) {
          edges { node { ${LEASE_FIELDS} } } } }`,
      { first: flags.limit, active: flags.active ?? null, side: side ?? null, atLeast: atLeast ?? null },
    )
    return leases.edges.map(({ node }) => node)
  }
  if (!flags.watch) return printRows(await list(), LEASE_COLUMNS, flags.output)
  await watchLive<LeaseView>(
    {
      client,
      document: MARKET_FEED,
      keyOf: ({ leaseId }) => leaseId ?? undefined,
      list,
      row: async (leaseId, atLeast) => {
        const lease = await readLease(client, leaseId, atLeast)
        return side === undefined || lease.side === side ? lease : undefined
      },
      columns: LEASE_COLUMNS,
    },
    flags,
  )
}
