import type { Offered } from '../domain/dry-run/known-provider.ts'
import type { EndCode, FailureCode } from '../domain/lease/ends.ts'
import type { Hardware, LeaseFact } from '../domain/lease/facts.ts'
import { hourlyMsat, type PriceVector } from '../domain/price.ts'
import { sortKey } from './sort-key.ts'
import type { RowsOf, Table } from './table.ts'

/** A provider as this publisher's node met it: what it offered, and what came of it. */
export type ProviderRow = Offered & {
  readonly list: 'provider'
  /** Identity key, hex. */
  readonly id: string
  readonly firstAt: number
  readonly offers: number
  readonly hardware: Hardware
  /** Full use of the machine of its newest offer for an hour, msat. */
  readonly hourlyMsat: bigint
  /** Leases that were agreed, and those of them that were served, or are. */
  readonly agreed: number
  readonly served: number
  /** Leases that are served now, by their id: since when, Unix ms. */
  readonly serving: Readonly<Record<string, number>>
  /** How long those that ended were served, ms. */
  readonly servedMs: number
  readonly paidSats: bigint
  /** How often a lease with it ended so, or never came to be. */
  readonly ends: Readonly<Partial<Record<EndCode | FailureCode, number>>>
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  readonly position: number
}

/** A lease that is under way: whose it is, and what of it is there. */
type Under = {
  readonly list: 'lease'
  readonly provider: string
  readonly stands?: true
  readonly funded?: true
}

const TYPES = [
  'lease.sought',
  'lease.offered',
  'lease.agreed',
  'lease.provisioned',
  'lease.funded',
  'lease.ended',
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
] as const
type ProviderFact = Extract<LeaseFact, { type: (typeof TYPES)[number] }>
type Rows = RowsOf<ProviderRow | Under>

/** Images that are remembered of one provider, the newest. */
const MAX_IMAGES = 32

/** Whom this node rents from, or might. Its own row is not among them: it is the other side of a lease. */
export const providers = {
  name: 'providers',
  version: 2,
  types: TYPES,
  columns: {
    list: (row) => row.list,
    began: (row) => (row.list === 'provider' ? row.began : null),
    lastAt: (row) => (row.list === 'provider' ? row.lastAt : null),
    hourlyMsat: (row) => (row.list === 'provider' ? sortKey(row.hourlyMsat) : null),
    served: (row) => (row.list === 'provider' ? row.served : null),
    paidSats: (row) => (row.list === 'provider' ? sortKey(row.paidSats) : null),
    isolation: (row) => (row.list === 'provider' ? row.isolation : null),
  },
  fold({ stream, position, fact }, rows) {
    if (fact.type === 'lease.sought') {
      if (fact.side === 'publisher') rows.put(stream, { list: 'lease', provider: '' })
      return
    }
    const under = rows.get(stream) as Under | undefined
    if (under === undefined) return
    if (fact.type === 'lease.offered') {
      const { providerKey } = fact.terms
      rows.put(stream, { ...under, provider: providerKey })
      rows.put(providerKey, { ...offeredAgain(rows, fact, position), position })
      return
    }
    const row = rows.get(under.provider) as ProviderRow | undefined
    if (row === undefined) {
      if (isOver(fact)) rows.delete(stream)
      return
    }
    const leaseId = stream.slice('lease-'.length)
    const now: Under = {
      ...under,
      ...(fact.type === 'lease.provisioned' ? { stands: true } : {}),
      ...(fact.type === 'lease.funded' ? { funded: true } : {}),
    }
    const begins = now.stands && now.funded && !(under.stands && under.funded)
    rows.put(row.id, { ...after(begins ? serving(row, leaseId, fact.at) : row, leaseId, fact), position })
    if (isOver(fact)) rows.delete(stream)
    else rows.put(stream, now)
  },
} satisfies Table<ProviderRow | Under, ProviderFact>

const OVER: ReadonlySet<string> = new Set([
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
])
const isOver = ({ type }: ProviderFact): boolean => OVER.has(type)

const offeredAgain = (
  rows: Rows,
  { at, terms, hardware, availability }: Extract<LeaseFact, { type: 'lease.offered' }>,
  position: number,
): Omit<ProviderRow, 'position'> => {
  const before = rows.get(terms.providerKey) as ProviderRow | undefined
  // What it does not say any more does not hold any more.
  const { availability: _, ...known } =
    before ?? ({ ...begin, id: terms.providerKey, firstAt: at, began: position } as ProviderRow)
  const { image, resources, isolation, machineNetwork, maxDurationMs } = terms
  const price: PriceVector = terms.price
  const images = [image, ...(before?.images ?? []).filter((name) => name !== image)].slice(0, MAX_IMAGES)
  return {
    ...known,
    offers: (before?.offers ?? 0) + 1,
    lastAt: at,
    hardware,
    cpuMillis: Math.floor(hardware.cores * 1_000),
    memoryBytes: hardware.memoryBytes,
    ...(availability && { availability }),
    price,
    hourlyMsat: hourlyMsat(price, resources),
    isolation,
    images,
    bridge: machineNetwork === 'bridge' || before?.bridge === true,
    diskBytes: Math.max(resources.diskBytes, before?.diskBytes ?? 0),
    pids: Math.max(resources.pids, before?.pids ?? 0),
    maxDurationMs: Math.max(maxDurationMs, before?.maxDurationMs ?? 0),
  }
}

const begin = {
  list: 'provider',
  offers: 0,
  agreed: 0,
  served: 0,
  serving: {},
  servedMs: 0,
  paidSats: 0n,
  ends: {},
} as const

const serving = (row: ProviderRow, leaseId: string, at: number): ProviderRow => ({
  ...row,
  served: row.served + 1,
  serving: { ...row.serving, [leaseId]: at },
})

const after = (row: ProviderRow, leaseId: string, fact: ProviderFact): ProviderRow => {
  switch (fact.type) {
    case 'lease.agreed':
      return { ...row, agreed: row.agreed + 1 }
    case 'lease.ended':
    case 'lease.lapsed':
    case 'lease.refused':
    case 'lease.failed':
      return {
        ...notServing(row, leaseId, fact.at),
        ends: { ...row.ends, [fact.code]: (row.ends[fact.code] ?? 0) + 1 },
      }
    case 'lease.settled':
      return { ...notServing(row, leaseId, fact.at), paidSats: row.paidSats + fact.paidSats }
    case 'lease.refunded':
      return notServing(row, leaseId, fact.at)
    case 'lease.sought':
    case 'lease.offered':
    case 'lease.provisioned':
    case 'lease.funded':
      return row
  }
}

const notServing = (row: ProviderRow, leaseId: string, at: number): ProviderRow => {
  const { [leaseId]: since, ...others } = row.serving
  if (since === undefined) return row
  return { ...row, serving: others, servedMs: row.servedMs + Math.max(0, at - since) }
}
