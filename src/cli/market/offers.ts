import { type AvailabilityView, showAvailability, showSeen } from '../availability.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printRows } from '../output.ts'
import { msatToSats, showNumber } from '../quantity.ts'

type OfferView = {
  readonly leaseId: string
  readonly providerKey: string
  readonly announcementTxid: string
  readonly hourlyMsat: string
  readonly status: string
  readonly at: string
  readonly availability: { readonly month: AvailabilityView } | null
  readonly seen: {
    readonly servedS: number
    readonly fullShare: number | null
    readonly leases: number
    readonly broken: number
  } | null
}

const FIELDS = `leaseId providerKey announcementTxid hourlyMsat status at
  availability { month { spanS lentShare served { fullShare } } } seen { servedS fullShare leases broken }`

const COLUMNS: readonly Column<OfferView>[] = [
  ['LEASE', (it) => it.leaseId],
  ['PROVIDER', (it) => it.providerKey.slice(0, 16)],
  ['STATUS', (it) => it.status.toLowerCase()],
  ['SATS/H', (it) => showNumber(msatToSats(it.hourlyMsat))],
  ['THERE, IT SAYS', ({ availability }) => availability && showAvailability(availability.month)],
  ['SEEN HERE', ({ seen }) => seen && showSeen(seen)],
  ['BROKEN HERE', ({ seen }) => seen && `${seen.broken} of ${seen.leases}`],
  ['AT', (it) => it.at],
]

/** `zennet market offers` */
export const listOffers = async (flags: NodeFlags & { readonly output: Output }): Promise<void> => {
  const { offers } = await connect(flags).request<{ offers: { edges: { node: OfferView }[] } }>(
    `{ offers(first: 100) { edges { node { ${FIELDS} } } } }`,
  )
  printRows(
    offers.edges.map(({ node }) => node),
    COLUMNS,
    flags.output,
  )
}
