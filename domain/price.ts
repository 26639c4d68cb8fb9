import type { Resources } from './resources.ts'
import { NO_USAGE, NOT_PAUSED, possibleUsage, type USAGE_KEYS, type UsageVector } from './usage.ts'

/**
 * Price per natural unit, in msat: hours of wall and CPU time, GiB·hours of memory and disk, GiB of traffic; `startMsat` once.
 * The same vector is searched, negotiated, billed and forecast.
 */
export type PriceVector = {
  readonly startMsat: bigint
  readonly wallHour: bigint
  readonly cpuHour: bigint
  readonly memGiBHour: bigint
  readonly diskGiBHour: bigint
  readonly ioReadGiB: bigint
  readonly ioWriteGiB: bigint
  readonly netRxGiB: bigint
  readonly netTxGiB: bigint
  /** A GiB·hour of disk while the machine is paused; absent: as much as while it runs. */
  readonly pausedDiskGiBHour?: bigint
}

export const PRICE_KEYS = [
  'startMsat',
  'wallHour',
  'cpuHour',
  'memGiBHour',
  'diskGiBHour',
  'ioReadGiB',
  'ioWriteGiB',
  'netRxGiB',
  'netTxGiB',
] as const satisfies readonly (keyof PriceVector)[]
type PriceKey = (typeof PRICE_KEYS)[number]

const HOUR_US = 3_600_000_000n
const HOUR_S = 3_600n
const GIB = 1n << 30n

/** How many of a counter's units make the natural unit that is priced. */
const UNITS: readonly (readonly [PriceKey, (typeof USAGE_KEYS)[number], bigint])[] = [
  ['wallHour', 'wallUs', HOUR_US],
  ['cpuHour', 'cpuUs', HOUR_US],
  ['memGiBHour', 'memByteSeconds', GIB * HOUR_S],
  ['diskGiBHour', 'diskByteSeconds', GIB * HOUR_S],
  ['ioReadGiB', 'ioReadBytes', GIB],
  ['ioWriteGiB', 'ioWriteBytes', GIB],
  ['netRxGiB', 'netRxBytes', GIB],
  ['netTxGiB', 'netTxBytes', GIB],
]

/** What a GiB·hour of a paused machine's disk costs, msat. */
/** Of a paused machine's disk, msat per GiB·hour: its own price, or that of any disk. */
export const storagePrice = ({ pausedDiskGiBHour, diskGiBHour }: PriceVector): bigint =>
  pausedDiskGiBHour ?? diskGiBHour

const storageMsat = (price: PriceVector, { paused = NOT_PAUSED }: UsageVector): bigint =>
  (storagePrice(price) * paused.diskByteSeconds) / (GIB * HOUR_S)

/** One line of a bill: what was used, at which price, and what it came to in msat, rounded down. */
export type BillLine = {
  readonly item: keyof PriceVector
  readonly used: bigint
  readonly price: bigint
  readonly msat: bigint
}

/** Every line that makes up `owedMsat`, so that a bill can be recomputed by anyone. */
export const bill = (price: PriceVector, usage: UsageVector): readonly BillLine[] => [
  { item: 'startMsat', used: 1n, price: price.startMsat, msat: price.startMsat },
  ...UNITS.map(([item, counter, unit]) => ({
    item,
    used: usage[counter],
    price: price[item],
    msat: (price[item] * usage[counter]) / unit,
  })),
  ...(usage.paused === undefined
    ? []
    : [
        {
          item: 'pausedDiskGiBHour' as const,
          used: usage.paused.diskByteSeconds,
          price: storagePrice(price),
          msat: storageMsat(price, usage),
        },
      ]),
]

/** What `usage` costs, msat. Rises with every counter; the same code on both sides of a lease. */
export const owedMsat = (price: PriceVector, usage: UsageVector): bigint => {
  let sum = price.startMsat + storageMsat(price, usage)
  for (const [item, counter, unit] of UNITS) sum += (price[item] * usage[counter]) / unit
  return sum
}

const NO_TRAFFIC = { ioBytesPerS: 0n, netBytesPerS: 0n }

/** What a machine of these limits costs for `wallUs` of full use, traffic apart and without the start price, msat. */
export const fullUseMsat = (price: PriceVector, resources: Resources, wallUs: bigint): bigint =>
  owedMsat({ ...price, startMsat: 0n }, { ...NO_USAGE, ...possibleUsage(resources, NO_TRAFFIC, wallUs) })

/** Full use for one hour, msat: the number that ceilings, offers and rankings are compared by. */
export const hourlyMsat = (price: PriceVector, resources: Resources): bigint => fullUseMsat(price, resources, HOUR_US)

/** Every component times `numerator / denominator`, rounded down. */
export const scalePrice = (price: PriceVector, numerator: bigint, denominator: bigint): PriceVector => {
  const scaled = (msat: bigint): bigint => (msat * numerator) / denominator
  const { pausedDiskGiBHour } = price
  const stored = pausedDiskGiBHour === undefined ? {} : { pausedDiskGiBHour: scaled(pausedDiskGiBHour) }
  return { ...mapPrice((key) => scaled(price[key])), ...stored }
}

/** True when no component of `price` is below that of `floor`. */
export const coversFloor = (price: PriceVector, floor: PriceVector): boolean =>
  PRICE_KEYS.every((key) => price[key] >= floor[key]) && storagePrice(price) >= storagePrice(floor)

/** With a paused machine's disk as dear as any. */
export const mapPrice = (of: (key: PriceKey) => bigint): PriceVector =>
  Object.fromEntries(PRICE_KEYS.map((key) => [key, of(key)])) as PriceVector
