import type { ChannelFact } from '../../domain/channel/facts.ts'
import { channelStream, leaseStream, legOf } from '../../domain/ids.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { UsageVector } from '../../domain/usage.ts'
import type { Journal, Recorded } from '../journal/port.ts'

type Metered = Extract<LeaseFact, { type: 'lease.metered' }>
type Paid = Extract<LeaseFact, { type: 'lease.paid' }>

/** A voucher as it was signed: the sum so far in one channel of a lease. */
export type SignedVoucher = {
  readonly channel: string
  readonly leg: number
  readonly paidSats: bigint
  readonly signature: string
}

/** One reading of the meter, and what was paid for it. */
export type Tick = {
  readonly leaseId: string
  readonly tick: number
  readonly at: number
  readonly usage: UsageVector
  readonly owedMsat: bigint
  /** The voucher that answered it; absent when none did: a later one may have. */
  readonly paid?: { readonly at: number; readonly sats: bigint; readonly position: number; readonly commandId: string }
  /** Of its reading in the lease's stream. */
  readonly version: number
  readonly position: number
}

export type TickRange = { readonly min?: number; readonly max?: number }

/** Points of one history at the most, and when it is not said how many. */
export const MAX_POINTS = 200
export const DEFAULT_POINTS = 60
/** Of them are read at a time. */
const POINTS_AT_ONCE = 8

/** Facts that are read at a time. */
const PIECE = 500
/** A payment may stand some readings behind, or before, its own. */
const LOOK_AROUND = 64

/**
 * Readings of a lease, from one version on and without it; one more than `count` when there are more.
 * @param after version of a reading, or undefined: from the first, or the newest, of the range
 */
export const readTicks = async (
  journal: Journal,
  leaseId: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: TickRange,
  {
    backward,
    after,
    count,
  }: { readonly backward: boolean; readonly after: number | undefined; readonly count: number },
): Promise<readonly Tick[]> => {
  // No reading has such a number, and none would end the search.
  if (max < 0 || min > max) return []
  const stream = leaseStream(leaseId)
  const paid = new Map<number, Tick['paid']>()
  const found: Tick[] = []
  const take = (facts: readonly Recorded[], isOn: boolean): void => {
    for (const recorded of facts) {
      const fact = recorded.fact as LeaseFact
      if (fact.type === 'lease.paid') paid.set(fact.tick, newer(paid.get(fact.tick), paymentOf(recorded, fact)))
      if (isOn && fact.type === 'lease.metered' && fact.tick >= min && fact.tick <= max && found.length <= count)
        found.push(tickOf(leaseId, recorded, fact))
    }
  }
  let at = after ?? (await beginOf(journal, stream, backward ? max + 1 : min, backward))
  if (backward && at !== undefined) take(await journal.read(stream, at - 1, LOOK_AROUND), false)
  while (found.length <= count) {
    const piece = backward ? await journal.readBackward(stream, at, PIECE) : await journal.read(stream, at ?? 0, PIECE)
    if (piece.length === 0) break
    take(piece, true)
    at = piece.at(-1)!.version
    const reached = piece.findLast(({ fact }) => fact.type === 'lease.metered')?.fact as Metered | undefined
    if (reached !== undefined && (backward ? reached.tick < min : reached.tick > max)) break
  }
  if (!backward && at !== undefined) take(await journal.read(stream, at, LOOK_AROUND), false)
  return found.map((tick) => withPaid(tick, paid.get(tick.tick)))
}

/** The same voucher may be told again in a new session. */
const newer = (a: Tick['paid'], b: NonNullable<Tick['paid']>): NonNullable<Tick['paid']> =>
  a !== undefined && a.position > b.position ? a : b

const paymentOf = ({ position, commandId }: Recorded, { at, paidSats }: Paid): NonNullable<Tick['paid']> => ({
  at,
  sats: paidSats,
  position,
  commandId,
})

const withPaid = (tick: Tick, paid: Tick['paid']): Tick => (paid === undefined ? tick : { ...tick, paid })

const tickOf = (leaseId: string, { version, position }: Recorded, { tick, at, usage, owedMsat }: Metered): Tick => ({
  leaseId,
  tick,
  at,
  usage,
  owedMsat,
  version,
  position,
})

/**
 * Where readings of this number and later ones begin: ticks rise with versions, so that it is looked for by halves.
 * @returns the version before the first of them, or behind the last that is lower when reading backwards; undefined: from an end
 */
const beginOf = async (
  journal: Journal,
  stream: string,
  tick: number,
  backward: boolean,
): Promise<number | undefined> => {
  const [newest] = await journal.readBackward(stream, undefined, 1)
  if (newest === undefined || tick <= 0 || !Number.isSafeInteger(tick)) return undefined
  let [low, high] = [0, newest.version + 1]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    const reading = (await journal.readBackward(stream, middle + 1, LOOK_AROUND)).find(
      ({ fact }) => fact.type === 'lease.metered',
    )
    // Where a lease did something else for long, there was no reading: it is left as not reached.
    if (reading !== undefined && (reading.fact as unknown as Metered).tick >= tick) high = middle
    else low = middle
  }
  return backward ? (high > newest.version ? undefined : high) : low
}

/** Streams that one unit of a payment may be in: a lease has 16 channels at the most, and some facts of its own. */
const UNIT_FACTS = 24

/** The signatures that a payment consists of: one for each channel that it changed. Written in the unit of `lease.paid`. */
export const vouchersOf = async (journal: Journal, { leaseId, paid }: Tick): Promise<readonly SignedVoucher[]> => {
  if (paid === undefined) return []
  const prefix = channelStream(leaseId)
  const unit = await journal.readAll(paid.position, undefined, UNIT_FACTS)
  return unit.flatMap(({ stream, commandId, fact }) => {
    const { type, ...voucher } = fact as ChannelFact & { readonly paid: bigint; readonly signature: string }
    if (type !== 'channel.paid' || commandId !== paid.commandId || !stream.startsWith(prefix)) return []
    const channel = stream.slice(channelStream('').length)
    return [{ channel, leg: legOf(channel).leg, paidSats: voucher.paid, signature: voucher.signature }]
  })
}

/** Readings evenly over the life of a lease, the newest among them: cumulative, so that a plot needs no others. */
export const usageHistory = async (journal: Journal, leaseId: string, points: number): Promise<readonly Tick[]> => {
  const stream = leaseStream(leaseId)
  const [newest] = await journal.readBackward(stream, undefined, 1)
  const [oldest] = await journal.read(stream, 0, 1)
  if (newest === undefined || oldest === undefined) return []
  const span = newest.version - oldest.version + 1
  const even = Array.from({ length: points }, (_, i) => oldest.version + Math.ceil((span * (i + 1)) / points))
  const places = [...new Set(even)]
  const read = async (before: number): Promise<Tick | undefined> => {
    const piece = await journal.readBackward(stream, before, LOOK_AROUND)
    const at = piece.findIndex(({ fact }) => fact.type === 'lease.metered')
    if (at < 0) return undefined
    const recorded = piece[at]!
    const paid = piece.find(({ fact }) => fact.type === 'lease.paid')
    const tick = tickOf(leaseId, recorded, recorded.fact as unknown as Metered)
    return paid === undefined ? tick : { ...tick, paid: paymentOf(paid, paid.fact as unknown as Paid) }
  }
  const found: (Tick | undefined)[] = []
  for (let i = 0; i < places.length; i += POINTS_AT_ONCE)
    found.push(...(await Promise.all(places.slice(i, i + POINTS_AT_ONCE).map(read))))
  const distinct = new Map(found.flatMap((tick) => (tick === undefined ? [] : [[tick.version, tick] as const])))
  return [...distinct.values()].sort((a, b) => a.version - b.version)
}
