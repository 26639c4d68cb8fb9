import { larger } from '../money.ts'
import type { InsideTolerance, Terms } from '../terms.ts'
import { NO_USAGE, possibleUsage, type UsageVector } from '../usage.ts'

/** What can be read in a machine, and is held against the bill. Disk has no counter there, wall time needs none. */
export const INSIDE_KEYS = [
  'cpuUs',
  'memByteSeconds',
  'ioReadBytes',
  'ioWriteBytes',
  'netRxBytes',
  'netTxBytes',
] as const satisfies readonly (keyof UsageVector)[]
export type InsideKey = (typeof INSIDE_KEYS)[number]

/** Counters of a machine as they stand inside it; one that cannot be read there is absent. `memoryBytes` is the present use. */
export type InsideCounters = {
  readonly cpuUs?: bigint
  readonly memoryBytes?: bigint
  readonly ioReadBytes?: bigint
  readonly ioWriteBytes?: bigint
  readonly netRxBytes?: bigint
  readonly netTxBytes?: bigint
}

/** Why nothing could be read. `no-isolation`: what is there is the host’s. */
export const INSIDE_PROBLEMS = ['no-isolation', 'no-counters', 'no-shell', 'bad-answer'] as const
export type InsideProblem = (typeof INSIDE_PROBLEMS)[number]

/** A reading from inside a machine, and what the bill was when it was asked for. */
export type InsideReading = {
  readonly tick: number
  readonly billed: UsageVector
  readonly counters: InsideCounters
  /** Bytes of the shell that passed this node; the machine cannot see them, and they are billed as its traffic. */
  readonly shell: { readonly rxBytes: bigint; readonly txBytes: bigint }
}

/** Readings so far: the newest, and what they come to. */
export type Inside = InsideReading & {
  /** What both are counted from: nothing, or where the machine's counters began anew. */
  readonly since: InsideReading
  /** What was used since then, as far as it can be read. */
  readonly usage: { readonly [K in InsideKey]?: bigint }
  /** Of which more was billed than the tolerance allows. */
  readonly beyond: readonly InsideKey[]
  /** Readings in a row for which that was so. */
  readonly strikes: number
}

/** The narrowest that a provider agrees to: quota periods, bursts and the time between a tick and a reading are nobody's lie. */
const LEAST: InsideTolerance = { everyMs: 300, slackMs: 2_000, permille: 50, readings: 2 }

export const isTolerable = (tolerance: InsideTolerance): boolean =>
  (Object.keys(LEAST) as (keyof InsideTolerance)[]).every((key) => tolerance[key] >= LEAST[key])

const COUNTERS = ['cpuUs', 'ioReadBytes', 'ioWriteBytes', 'netRxBytes', 'netTxBytes'] as const
const US_PER_S = 1_000_000n
const START: InsideReading = { tick: 0, billed: NO_USAGE, counters: {}, shell: { rxBytes: 0n, txBytes: 0n } }

/** Takes a reading in. `terms.inside` says what is allowed; see docs/decisions/0029. */
export const readInside = (
  before: Inside | undefined,
  reading: InsideReading,
  tolerance: InsideTolerance,
  terms: Pick<Terms, 'resources' | 'caps' | 'tickMs'>,
): Inside => {
  const isAnew = before !== undefined && COUNTERS.some((key) => fell(before.counters[key], reading.counters[key]))
  // The machine was started again: what was billed until then can no longer be told.
  if (isAnew) return { ...reading, since: reading, usage: {}, beyond: [], strikes: 0 }
  const since = before?.since ?? START
  const usage = usageOf(before, reading, since)
  const slackUs = BigInt(tolerance.slackMs + terms.tickMs) * 1_000n
  const slack = possibleUsage(terms.resources, terms.caps, slackUs)
  const beyond = INSIDE_KEYS.filter((key) => {
    const used = usage[key]
    if (used === undefined) return false
    const allowed = used + (used * BigInt(tolerance.permille)) / 1_000n + slack[key]
    return reading.billed[key] - since.billed[key] > allowed
  })
  return { ...reading, since, usage, beyond, strikes: beyond.length > 0 ? (before?.strikes ?? 0) + 1 : 0 }
}

const fell = (before: bigint | undefined, now: bigint | undefined): boolean =>
  before !== undefined && now !== undefined && now < before

const usageOf = (before: Inside | undefined, reading: InsideReading, since: InsideReading): Inside['usage'] => {
  const { counters, shell } = reading
  const rose = (key: (typeof COUNTERS)[number], beside = 0n): bigint | undefined =>
    counters[key] === undefined ? before?.usage[key] : counters[key] - (since.counters[key] ?? 0n) + beside
  const found: Record<InsideKey, bigint | undefined> = {
    cpuUs: rose('cpuUs'),
    memByteSeconds: memoryOf(before, reading, since),
    ioReadBytes: rose('ioReadBytes'),
    ioWriteBytes: rose('ioWriteBytes'),
    netRxBytes: rose('netRxBytes', shell.rxBytes - since.shell.rxBytes),
    netTxBytes: rose('netTxBytes', shell.txBytes - since.shell.txBytes),
  }
  return Object.fromEntries(Object.entries(found).filter(([, used]) => used !== undefined))
}

/** Present use times the time that was billed; between two readings the larger counts, since nobody saw the way from one to the other. */
const memoryOf = (
  before: Inside | undefined,
  { counters, billed }: InsideReading,
  since: InsideReading,
): bigint | undefined => {
  const [last, now] = [before?.counters.memoryBytes, counters.memoryBytes]
  if (now === undefined && last === undefined) return before?.usage.memByteSeconds
  const wallUs = billed.wallUs - (before ?? since).billed.wallUs
  return (before?.usage.memByteSeconds ?? 0n) + (larger(last ?? 0n, now ?? 0n) * wallUs) / US_PER_S
}
