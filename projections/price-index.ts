import type { LeaseFact } from '../domain/lease/facts.ts'
import { hourlyMsat } from '../domain/price.ts'
import type { Terms } from '../domain/terms.ts'
import { BUCKET_COLUMNS, type Bucket, intoBuckets } from './bucket.ts'
import { type Digest, digestOf, mergeDigests } from './digest.ts'
import type { Table } from './table.ts'

/**
 * What has a price: the natural units of a price vector, and `machineCoreHour`, an hour of full use of a whole machine divided by
 * its cores, by which machines of different sizes can be compared.
 */
export const PRICED = [
  'machineCoreHour',
  'wallHour',
  'cpuHour',
  'memGiBHour',
  'diskGiBHour',
  'ioReadGiB',
  'ioWriteGiB',
  'netRxGiB',
  'netTxGiB',
] as const
export type Priced = (typeof PRICED)[number]

/** Where a price comes from: terms that both signed, or each offer that was made. */
export const PRICE_SOURCES = ['agreed', 'offered'] as const
export type PriceSource = (typeof PRICE_SOURCES)[number]

/** Prices of one source in one bucket, msat a unit, weighted by how much of the resource the terms are about. */
export type PriceIndexRow = Bucket & { readonly prices: Readonly<Record<Priced, Digest>> }

/** The price index: what was asked and agreed for each resource, in buckets. */
export const priceIndex = {
  name: 'price_index',
  version: 1,
  types: ['lease.offered', 'lease.agreed'],
  columns: BUCKET_COLUMNS,
  fold({ fact }, rows) {
    const series: PriceSource = fact.type === 'lease.agreed' ? 'agreed' : 'offered'
    const added = pricesOf(fact.terms)
    intoBuckets(rows, series, fact.at, (bucket, before) => ({
      ...bucket,
      prices: before === undefined ? added : mergePrices(before.prices, added),
    }))
  },
} satisfies Table<PriceIndexRow, Extract<LeaseFact, { type: 'lease.offered' | 'lease.agreed' }>>

export const mergePrices = (a: PriceIndexRow['prices'], b: PriceIndexRow['prices']): PriceIndexRow['prices'] =>
  forEach((priced) => mergeDigests(a[priced], b[priced]))

const pricesOf = ({ price, resources }: Terms): PriceIndexRow['prices'] => {
  const weights = {
    machineCoreHour: resources.cpuMillis,
    cpuHour: resources.cpuMillis,
    memGiBHour: Math.floor(resources.memoryBytes / MIB),
    diskGiBHour: Math.floor(resources.diskBytes / MIB),
  }
  return forEach((priced) => {
    const value =
      priced === 'machineCoreHour' ? perCore(hourlyMsat(price, resources), resources.cpuMillis) : price[priced]
    return digestOf(value, BigInt(priced in weights ? weights[priced as keyof typeof weights] : 1))
  })
}

const MIB = 1_048_576

/** msat for an hour of a machine, for each of its cores. */
export const perCore = (hourly: bigint, cpuMillis: number): bigint =>
  (hourly * 1_000n) / BigInt(Math.max(1, Math.floor(cpuMillis)))

const forEach = (of: (priced: Priced) => Digest): PriceIndexRow['prices'] =>
  Object.fromEntries(PRICED.map((priced) => [priced, of(priced)])) as PriceIndexRow['prices']
