import { SPANS, type Span } from '../../../projections/bucket.ts'
import { type Digest, percentile, weightedMean } from '../../../projections/digest.ts'
import type { FillTimesRow } from '../../../projections/fill-times.ts'
import type { DepthRow } from '../../../projections/market-depth.ts'
import type { Priced } from '../../../projections/price-index.ts'
import type { SoldUsageRow } from '../../../projections/sold-usage.ts'
import { builder } from './builder.ts'
import { UsageType } from './value-types.ts'

export const SpanEnum = builder.enumType('BucketSpan', {
  description: 'Minutes are kept for a day, hours for 90 days, days for ten years.',
  values: { MINUTE: { value: 'minute' }, HOUR: { value: 'hour' }, DAY: { value: 'day' } } as const,
})

export const PricedEnum = builder.enumType('PricedResource', {
  description: 'What has a price, in msat a unit.',
  values: {
    MACHINE_CORE_HOUR: {
      value: 'machineCoreHour',
      description:
        'An hour of full use of a whole machine, divided by its cores: compares machines of different sizes.',
    },
    WALL_HOUR: { value: 'wallHour' },
    CPU_HOUR: { value: 'cpuHour', description: 'An hour of one core.' },
    MEMORY_GIB_HOUR: { value: 'memGiBHour' },
    DISK_GIB_HOUR: { value: 'diskGiBHour' },
    IO_READ_GIB: { value: 'ioReadGiB' },
    IO_WRITE_GIB: { value: 'ioWriteGiB' },
    NET_RX_GIB: { value: 'netRxGiB' },
    NET_TX_GIB: { value: 'netTxGiB' },
  } as const,
})

export const PriceSourceEnum = builder.enumType('PriceSource', {
  values: {
    AGREED: { value: 'agreed', description: 'Terms that both sides signed.' },
    OFFERED: { value: 'offered', description: 'Every offer that was made.' },
  } as const,
})

export const FilledEnum = builder.enumType('FillStage', {
  values: {
    AGREED: { value: 'agreed', description: 'Both sides have signed.' },
    SERVING: { value: 'serving', description: 'The machine stands and is funded.' },
  } as const,
})

export const PriceSummaryType = builder.objectRef<Digest>('PriceSummary').implement({
  description:
    'Prices of a resource, msat a unit. Up to 64 different ones are exact; of more, the median is that of their first bits.',
  fields: (t) => ({
    count: t.exposeInt('count'),
    medianMsat: t.field({ type: 'Amount', resolve: (it) => percentile(it, 50) }),
    minMsat: t.expose('min', { type: 'Amount' }),
    maxMsat: t.expose('max', { type: 'Amount' }),
    meanMsat: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Weighted by how much of the resource the terms are about; null when that is nothing.',
      resolve: (it) => weightedMean(it) ?? null,
    }),
  }),
})

export const FillTimesType = builder.objectRef<Digest>('FillTimes').implement({
  description: 'Times from an announcement to a lease of it, ms.',
  fields: (t) => ({
    count: t.exposeInt('count'),
    p50Ms: t.field({ type: 'Amount', resolve: (it) => percentile(it, 50) }),
    p90Ms: t.field({ type: 'Amount', resolve: (it) => percentile(it, 90) }),
    p99Ms: t.field({ type: 'Amount', resolve: (it) => percentile(it, 99) }),
    minMs: t.expose('min', { type: 'Amount' }),
    maxMs: t.expose('max', { type: 'Amount' }),
  }),
})

/** A bucket as it was read `now`, so that the newest one is not taken for whole; up to which fact. */
export type Timed<Row> = { readonly row: Row; readonly span: Span; readonly now: number; readonly position: number }

const msOf = ({ row, span, now }: Pick<Timed<{ from: number }>, 'row' | 'span' | 'now'>): number =>
  Math.max(1, Math.min(SPANS[span].ms, now - row.from))

export type PriceBucket = Timed<{ readonly from: number; readonly prices: Readonly<Record<Priced, Digest>> }> & {
  readonly priced: Priced
}
export const PriceBucketType = builder.objectRef<PriceBucket>('PriceBucket').implement({
  description: 'Prices of one resource in one bucket; buckets without any are left out.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', resolve: ({ row }) => row.from }),
    prices: t.field({ type: PriceSummaryType, resolve: ({ row, priced }) => row.prices[priced] }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const PriceBucketConnection = builder.connectionObject(
  { name: 'PriceBucketConnection', type: PriceBucketType },
  { name: 'PriceBucketEdge' },
)

export const FillBucketType = builder.objectRef<Timed<FillTimesRow>>('FillBucket').implement({
  description: 'Fill times that ended in one bucket; buckets without any are left out.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', resolve: ({ row }) => row.from }),
    times: t.field({ type: FillTimesType, resolve: ({ row }) => row.times }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const FillBucketConnection = builder.connectionObject(
  { name: 'FillBucketConnection', type: FillBucketType },
  { name: 'FillBucketEdge' },
)

export const SoldType = builder.objectRef<Omit<SoldUsageRow, 'list' | 'from'>>('Sold').implement({
  description: 'What the meters of the leases that this node knows have counted.',
  fields: (t) => ({
    used: t.expose('used', { type: UsageType }),
    leasedCoreUs: t.field({
      type: 'Amount',
      description: 'Cores that tenants had, used or not, times µs.',
      resolve: ({ leasedCpuMilliUs }) => leasedCpuMilliUs / 1_000n,
    }),
    leasedMemoryByteSeconds: t.field({
      type: 'Amount',
      resolve: ({ leasedMemoryByteUs }) => leasedMemoryByteUs / 1_000_000n,
    }),
    leasedDiskByteSeconds: t.field({
      type: 'Amount',
      resolve: ({ leasedDiskByteUs }) => leasedDiskByteUs / 1_000_000n,
    }),
    owedMsat: t.expose('owedMsat', { type: 'Amount' }),
    settledSats: t.expose('settledSats', {
      type: 'Amount',
      description: 'Paid on the chain by leases that were settled in that time.',
    }),
    settledCount: t.exposeInt('settled', { description: 'Of those leases.' }),
  }),
})

const share = (part: bigint, whole: bigint): number | null =>
  whole === 0n ? null : Number((part * 1_000_000n) / whole) / 1_000_000

export const UtilisationType = builder.objectRef<Timed<SoldUsageRow>>('Utilisation').implement({
  description:
    'How much of this provider’s machine was leased and used in one bucket; buckets without a reading are left out. Shares are of 1, and null while no offer has said how large the machine is.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', resolve: ({ row }) => row.from }),
    sold: t.field({ type: SoldType, resolve: ({ row }) => row }),
    position: t.expose('position', { type: 'Position' }),
    leasedCpuShare: t.float({
      nullable: true,
      resolve: (it) => share(it.row.leasedCpuMilliUs, BigInt(it.row.lentCpuMillis) * BigInt(msOf(it)) * 1_000n),
    }),
    usedCpuShare: t.float({
      nullable: true,
      resolve: (it) => share(it.row.used.cpuUs, BigInt(it.row.lentCpuMillis) * BigInt(msOf(it))),
    }),
    leasedMemoryShare: t.float({
      nullable: true,
      resolve: (it) => share(it.row.leasedMemoryByteUs, BigInt(it.row.lentMemoryBytes) * BigInt(msOf(it)) * 1_000n),
    }),
  }),
})
export const UtilisationConnection = builder.connectionObject(
  { name: 'UtilisationConnection', type: UtilisationType },
  { name: 'UtilisationEdge' },
)

export type DepthLevel = DepthRow & { readonly machinesSoFar: number }
const DepthLevelType = builder.objectRef<DepthLevel>('DepthLevel').implement({
  description: 'Everything at one price level; the next level is at most an eighth of it away.',
  fields: (t) => ({
    levelMsat: t.expose('levelMsat', {
      type: 'Amount',
      description: 'For an hour of full use of a machine, for each of its cores: the least price of this level.',
    }),
    entries: t.exposeInt('entries', { description: 'Announcements, or offers.' }),
    machines: t.exposeInt('machines'),
    machinesSoFar: t.exposeInt('machinesSoFar', { description: 'At this level and those before it.' }),
    cores: t.float({ resolve: ({ cpuMillis }) => cpuMillis / 1_000 }),
    memoryBytes: t.field({ type: 'Amount', resolve: ({ memoryBytes }) => BigInt(memoryBytes) }),
    diskBytes: t.field({ type: 'Amount', resolve: ({ diskBytes }) => BigInt(diskBytes) }),
  }),
})
export const DepthType = builder
  .objectRef<{
    readonly demand: readonly DepthLevel[]
    readonly supply: readonly DepthLevel[]
    readonly position: number
  }>('Depth')
  .implement({
    description: 'What is wanted and offered now, as far as this node knows.',
    fields: (t) => ({
      demand: t.field({
        type: [DepthLevelType],
        description: 'Announcements that stand, from the highest ceiling down.',
        resolve: ({ demand }) => [...demand],
      }),
      supply: t.field({
        type: [DepthLevelType],
        description: 'Offers that nobody has taken or refused yet, from the lowest price up.',
        resolve: ({ supply }) => [...supply],
      }),
      position: t.expose('position', { type: 'Position' }),
    }),
  })
