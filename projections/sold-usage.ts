import type { LeaseFact } from '../domain/lease/facts.ts'
import type { Resources } from '../domain/resources.ts'
import { addUsage, mapUsage, NO_USAGE, type UsageVector } from '../domain/usage.ts'
import { BUCKET_COLUMNS, type Bucket, intoBuckets, WORK } from './bucket.ts'
import type { RowsOf, Table } from './table.ts'

/** `market`: every lease that this node knows. `own`: those of this provider. */
export const SOLD_SERIES = ['market', 'own'] as const

/** What machines were used, kept free for their tenants and earned in one bucket, by the readings of their meters. */
export type SoldUsageRow = Bucket & {
  readonly used: UsageVector
  /** Limits of the leased machines times their wall time: thousandths of a core · µs, and bytes · µs. */
  readonly leasedCpuMilliUs: bigint
  readonly leasedMemoryByteUs: bigint
  readonly leasedDiskByteUs: bigint
  readonly owedMsat: bigint
  /** Paid on the chain by leases that were settled in it, and how many those were. */
  readonly settledSats: bigint
  readonly settled: number
  /** Of the provider's whole machine, as its offers said: thousandths of a core, and bytes. 0: unknown. */
  readonly lentCpuMillis: number
  readonly lentMemoryBytes: number
}

/** What the readings of a lease are to be compared with. */
type Metering = typeof WORK & {
  readonly own: boolean
  readonly resources?: Resources
  readonly lentCpuMillis: number
  readonly lentMemoryBytes: number
  readonly usage: UsageVector
  readonly owedMsat: bigint
}

const TYPES = [
  'lease.sought',
  'lease.offered',
  'lease.agreed',
  'lease.metered',
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
] as const
type SoldFact = Extract<LeaseFact, { type: (typeof TYPES)[number] }>

type Rows = RowsOf<SoldUsageRow | Metering>

/** What was sold, and how much of what is lent out was leased and used. */
export const soldUsage = {
  name: 'sold_usage',
  version: 2,
  types: TYPES,
  columns: BUCKET_COLUMNS,
  fold({ stream, fact }, rows) {
    const before = (rows.get(stream) as Metering | undefined) ?? begin
    switch (fact.type) {
      case 'lease.sought':
        rows.put(stream, { ...before, own: fact.side === 'provider' })
        break
      case 'lease.offered': {
        const { cores, memoryBytes } = fact.hardware
        rows.put(stream, { ...before, lentCpuMillis: Math.floor(cores * 1_000), lentMemoryBytes: memoryBytes })
        break
      }
      case 'lease.agreed':
        rows.put(stream, { ...before, resources: fact.terms.resources })
        break
      case 'lease.metered':
        if (before.resources !== undefined) sell(rows, before, before.resources, fact)
        rows.put(stream, { ...before, usage: fact.usage, owedMsat: fact.owedMsat })
        break
      case 'lease.settled':
        if (before !== begin) settle(rows, before.own, fact)
        rows.delete(stream)
        break
      case 'lease.refunded':
      case 'lease.lapsed':
      case 'lease.refused':
      case 'lease.failed':
        rows.delete(stream)
    }
  },
} satisfies Table<SoldUsageRow | Metering, SoldFact>

const begin: Metering = {
  ...WORK,
  own: false,
  lentCpuMillis: 0,
  lentMemoryBytes: 0,
  usage: NO_USAGE,
  owedMsat: 0n,
}

const sell = (
  rows: Rows,
  before: Metering,
  { cpuMillis, memoryBytes, diskBytes }: Resources,
  { at, usage, owedMsat }: Extract<LeaseFact, { type: 'lease.metered' }>,
): void => {
  const used = mapUsage((key) => usage[key] - before.usage[key])
  const sold = {
    used,
    leasedCpuMilliUs: BigInt(cpuMillis) * used.wallUs,
    leasedMemoryByteUs: BigInt(memoryBytes) * used.wallUs,
    leasedDiskByteUs: BigInt(diskBytes) * used.wallUs,
    owedMsat: owedMsat - before.owedMsat,
    settledSats: 0n,
    settled: 0,
    // Of a provider's own leases alone: those of others say nothing of this machine.
    lentCpuMillis: before.own ? before.lentCpuMillis : 0,
    lentMemoryBytes: before.own ? before.lentMemoryBytes : 0,
  }
  into(rows, before.own, at, sold)
}

const settle = (rows: Rows, own: boolean, fact: Extract<LeaseFact, { type: 'lease.settled' }>): void =>
  into(rows, own, fact.at, { ...NOTHING, settledSats: fact.paidSats, settled: 1 })

const into = (rows: Rows, own: boolean, at: number, sold: Sold): void => {
  for (const series of own ? SOLD_SERIES : (['market'] as const)) {
    intoBuckets<SoldUsageRow>(rows, series, at, (bucket, row) => ({ ...bucket, ...(row ? addSold(row, sold) : sold) }))
  }
}

export type Sold = Omit<SoldUsageRow, keyof Bucket>

export const NOTHING: Sold = {
  used: NO_USAGE,
  leasedCpuMilliUs: 0n,
  leasedMemoryByteUs: 0n,
  leasedDiskByteUs: 0n,
  owedMsat: 0n,
  settledSats: 0n,
  settled: 0,
  lentCpuMillis: 0,
  lentMemoryBytes: 0,
}

export const addSold = (a: Sold, b: Sold): Sold => ({
  used: addUsage(a.used, b.used),
  leasedCpuMilliUs: a.leasedCpuMilliUs + b.leasedCpuMilliUs,
  leasedMemoryByteUs: a.leasedMemoryByteUs + b.leasedMemoryByteUs,
  leasedDiskByteUs: a.leasedDiskByteUs + b.leasedDiskByteUs,
  owedMsat: a.owedMsat + b.owedMsat,
  settledSats: a.settledSats + b.settledSats,
  settled: a.settled + b.settled,
  lentCpuMillis: Math.max(a.lentCpuMillis, b.lentCpuMillis),
  lentMemoryBytes: Math.max(a.lentMemoryBytes, b.lentMemoryBytes),
})
