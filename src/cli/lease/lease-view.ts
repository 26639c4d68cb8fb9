import type { Fault } from '../../../domain/fault.ts'
import type { GraphqlClient } from '../../api/client.ts'
import { notFound, usageFault } from '../exit-code.ts'
import type { NodeClient } from '../node-client.ts'

export const LEASE_FIELDS = `
  leaseId side stage active starved pauses { code by since next } maxPauseS announcementTxid publisherKey providerKey image isolation hourlyMsat
  resources { cpuMillis memoryBytes diskBytes } maxDurationS soughtAt agreedAt servingSince tick owedMsat paidSats capacitySats
  fundingTxid settlementTxid settlementHeight released position
  inside { at tick counts { item read billed beyond } strikes } insideProblem
  notices { by code at endsAt withdrawn }
  forecast { emptyAt emptyInS by hourlyMsat windowS low }
  fundingTxid settlementTxid settlementHeight released dataUntil position
  end { code culprit why next at }
  verdict { ok rules { rule ok want have } }
  shell { host port user hostKey }`

export type EndView = {
  readonly code: string
  readonly culprit: string
  readonly why: string
  readonly next: string
  readonly at: string
}

/** The publisher's own reading from inside the machine. */
type InsideView = {
  readonly at: string
  readonly tick: number
  readonly counts: readonly { item: string; read: string; billed: string; beyond: boolean }[]
  readonly strikes: number
}

/** A lease as `LEASE_FIELDS` asks for it. Amounts are strings of digits. */
export type LeaseView = {
  readonly leaseId: string
  readonly side: 'PUBLISHER' | 'PROVIDER'
  readonly stage: string
  readonly active: boolean
  readonly starved: boolean
  readonly pauses: readonly { code: string; by: string; since: string; next: string }[]
  readonly maxPauseS: number | null
  readonly announcementTxid: string
  readonly publisherKey: string
  readonly providerKey: string | null
  readonly image: string | null
  readonly isolation: string | null
  readonly hourlyMsat: string
  readonly resources: {
    readonly cpuMillis: number
    readonly memoryBytes: string
    readonly diskBytes: string
  } | null
  readonly maxDurationS: number | null
  readonly soughtAt: string
  readonly agreedAt: string | null
  readonly servingSince: string | null
  readonly tick: number
  readonly owedMsat: string
  readonly paidSats: string
  readonly capacitySats: string | null
  readonly fundingTxid: string | null
  readonly settlementTxid: string | null
  readonly settlementHeight: number | null
  readonly released: boolean
  readonly dataUntil: string | null
  readonly position: string
  readonly inside: InsideView | null
  readonly insideProblem: string | null
  readonly notices: readonly {
    readonly by: 'PUBLISHER' | 'PROVIDER'
    readonly code: string
    readonly at: string
    readonly endsAt: string | null
    readonly withdrawn: boolean
  }[]
  readonly forecast: {
    readonly emptyAt: string
    readonly emptyInS: number
    readonly by: string
    readonly hourlyMsat: string
    readonly windowS: number
    readonly low: boolean
  } | null
  readonly end: EndView | null
  readonly verdict: {
    readonly ok: boolean
    readonly rules: readonly { rule: string; ok: boolean; want: string; have: string }[]
  } | null
  readonly shell: { host: string; port: number; user: string; hostKey: string } | null
}

/** How many of the newest leases the beginning of an id is looked for among. */
const PREFIX_SEARCH = 100

/** A lease by its id, or by the beginning of it when that names one alone. @throws Fault `not-found`, `cli.usage` */
export const leaseIdOf = async (client: NodeClient, given: string): Promise<string> => {
  if (/^[0-9a-f]{32}$/.test(given)) return given
  if (!/^[0-9a-f]{4,31}$/.test(given))
    throw usageFault('That is no lease id: expected 4 to 32 hex digits.', 'See zennet lease ls.')
  const { leases } = await client.lookUp<{ leases: { edges: { node: { leaseId: string } }[] } }>(
    'query($first: Int!) { leases(first: $first) { edges { node { leaseId } } } }',
    { first: PREFIX_SEARCH },
  )
  const found = leases.edges.map(({ node }) => node.leaseId).filter((id) => id.startsWith(given))
  if (found.length > 1) throw usageFault(`${found.length} leases begin with ${given}.`, 'Give more digits of the id.')
  if (found[0] === undefined) throw noLease(given)
  return found[0]
}

/** @throws Fault `not-found` */
export const readLease = async (client: GraphqlClient, leaseId: string, atLeast?: string): Promise<LeaseView> => {
  const { lease } = await client.request<{ lease: LeaseView | null }>(
    `query($leaseId: Hex!, $atLeast: Position) { lease(leaseId: $leaseId, atLeast: $atLeast) { ${LEASE_FIELDS} } }`,
    { leaseId, atLeast: atLeast ?? null },
  )
  if (lease === null) throw noLease(leaseId)
  return lease
}

export const noLease = (leaseId: string): Fault => notFound(`there is no lease ${leaseId}`, 'See zennet lease ls.')

/** Terminal, or nothing that moves by itself any more. */
export const isOver = ({ stage }: Pick<LeaseView, 'stage'>): boolean =>
  ['SETTLED', 'REFUNDED', 'LAPSED', 'REFUSED', 'FAILED'].includes(stage)
