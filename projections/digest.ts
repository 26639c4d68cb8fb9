/**
 * Many numbers in little room: exact up to `MAX_CLASSES` different values, then in classes that keep their first bits. The same
 * numbers give the same digest in whatever order they come. Values are whole and not negative.
 */
export type Digest = {
  readonly count: number
  readonly min: bigint
  readonly max: bigint
  /** Of values times their weights, and of the weights: for the weighted mean. */
  readonly sum: bigint
  readonly weight: bigint
  /** First bits of a value that its class keeps. */
  readonly bits: number
  /** Least value of a class, and how many are in it; ascending. */
  readonly classes: readonly (readonly [value: bigint, count: number])[]
}

export const MAX_CLASSES = 64
/** All bits: values are kept as they are. */
const EXACT = 64
/** Tried one after the other until the classes are few enough; one bit always is. */
const COARSER: readonly number[] = [7, 6, 5, 4, 3, 2, 1]
/** Values from here on are one class. */
const LAST_CLASS = 1n << 62n

/** Of values with the same first `bits` bits the least. */
export const classOf = (value: bigint, bits: number): bigint => {
  const capped = value < LAST_CLASS ? value : LAST_CLASS
  const shift = BigInt(Math.max(0, capped.toString(2).length - bits))
  return (capped >> shift) << shift
}

export const digestOf = (value: bigint, weight = 1n): Digest => {
  const whole = value < 0n ? 0n : value
  const classes = [[classOf(whole, EXACT), 1]] as const
  return { count: 1, min: whole, max: whole, sum: whole * weight, weight, bits: EXACT, classes }
}

/** Of all numbers of both. */
export const mergeDigests = (a: Digest | undefined, b: Digest): Digest => {
  if (a === undefined) return b
  let bits = Math.min(a.bits, b.bits)
  let classes = classesOf([...a.classes, ...b.classes], bits)
  for (const coarser of COARSER) {
    if (classes.length <= MAX_CLASSES) break
    if (coarser >= bits) continue
    bits = coarser
    classes = classesOf(classes, bits)
  }
  return {
    count: a.count + b.count,
    min: least(a.min, b.min),
    max: -least(-a.max, -b.max),
    sum: a.sum + b.sum,
    weight: a.weight + b.weight,
    bits,
    classes,
  }
}

const least = (a: bigint, b: bigint): bigint => {
  if (b < a) return b
  return a
}

const classesOf = (values: Digest['classes'], bits: number): (readonly [bigint, number])[] => {
  const counts = new Map<bigint, number>()
  for (const [value, count] of values) {
    const least = classOf(value, bits)
    counts.set(least, (counts.get(least) ?? 0) + count)
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The least value that `percent` of all values do not exceed (nearest rank); of a class, its least value. */
export const percentile = ({ classes, count, min }: Digest, percent: number): bigint => {
  const rank = Math.max(1, Math.ceil((count * percent) / 100))
  let seen = 0
  for (const [value, many] of classes) {
    seen += many
    if (seen >= rank) return value < min ? min : value
  }
  return min
}

/** Rounded down; undefined when nothing had a weight. */
export const weightedMean = ({ sum, weight }: Digest): bigint | undefined => (weight === 0n ? undefined : sum / weight)
