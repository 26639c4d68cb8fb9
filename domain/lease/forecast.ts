import { smaller } from '../money.ts'
import { hourlyMsat } from '../price.ts'
import { type Terms, tickAheadMsat } from '../terms.ts'
import { elapsedOf, type UsageVector } from '../usage.ts'
import { dayBegins, dayOf } from './budget.ts'
import type { Notice } from './notice.ts'

/** What was owed when so much time had been billed, pauses included: a disk is owed in them, too. */
type Reading = { readonly elapsedUs: bigint; readonly owedMsat: bigint }
/** A reading of half a minute to a minute ago, and one of at most half a minute ago. */
export type Pace = { readonly older: Reading; readonly newer: Reading }

const HALF_WINDOW_US = 30_000_000n

/** With one more reading. @param startMsat owed before anything was used, and never again */
export const paceAfter = (pace: Pace | undefined, reading: Reading, startMsat: bigint): Pace => {
  const begin = { elapsedUs: 0n, owedMsat: startMsat }
  const known = pace ?? { older: begin, newer: begin }
  return reading.elapsedUs - known.newer.elapsedUs >= HALF_WINDOW_US ? { older: known.newer, newer: reading } : known
}

/** What ends a lease first, if all goes on as it does. */
export type Bound = 'capacity' | 'daily-budget' | 'duration' | 'notice'
export type Forecast = {
  /** Until then, ms; 0 when it is due. */
  readonly emptyInMs: number
  readonly by: Bound
  /** What it costs now, msat for an hour. */
  readonly hourlyMsat: bigint
  /** Over how much billed time that was measured, ms; 0: it is what full use costs. */
  readonly windowMs: number
  /** Money runs out soon. */
  readonly low: boolean
}

/** Money that lasts no longer than this is low, ms. */
export const LOW_MS = 600_000

const HOUR_US = 3_600_000_000n
const HOUR_MS = 3_600_000n

export type Running = {
  readonly terms: Terms
  readonly usage: Pick<UsageVector, 'wallUs' | 'paused'>
  readonly owedMsat: bigint
  readonly capacitySats: bigint
  readonly pace: Pace | undefined
  readonly notice: Notice | undefined
}

/** What a lease costs as it is used now, msat for an hour; before its first readings what full use costs. */
export const rateOf = ({ terms, usage, owedMsat, pace }: Running): { hourlyMsat: bigint; windowMs: number } => {
  const windowUs = pace === undefined ? 0n : elapsedOf(usage) - pace.older.elapsedUs
  return pace === undefined || windowUs <= 0n
    ? { hourlyMsat: hourlyMsat(terms.price, terms.resources), windowMs: 0 }
    : { hourlyMsat: ((owedMsat - pace.older.owedMsat) * HOUR_US) / windowUs, windowMs: Number(windowUs / 1_000n) }
}

/** How long `msat` last at that rate, ms; undefined when nothing is used. */
export const lastsMs = (msat: bigint, perHour: bigint): bigint | undefined =>
  perHour <= 0n ? undefined : msat <= 0n ? 0n : (msat * HOUR_MS) / perHour

/**
 * When a lease that runs comes to its end, if it is used as it is.
 *
 * @param budget what all leases of this publisher may still cost today and what they cost together, where there is a limit
 */
export const forecast = (
  lease: Running,
  now: number,
  budget?: { readonly leftSats: bigint; readonly hourlyMsat: bigint },
): Forecast => {
  const { terms, usage, owedMsat, capacitySats, notice } = lease
  const rate = rateOf(lease)
  // The next tick has to fit as well.
  const left = capacitySats * 1_000n - owedMsat - tickAheadMsat(terms)
  const midnight = dayBegins(dayOf(now) + 1)
  const today = budget && lastsMs(budget.leftSats * 1_000n, budget.hourlyMsat)
  const bounds: readonly (readonly [Bound, bigint | undefined])[] = [
    ['capacity', lastsMs(left, rate.hourlyMsat)],
    // There is a new budget after midnight.
    ['daily-budget', today !== undefined && today < BigInt(midnight - now) ? today : undefined],
    ['duration', BigInt(terms.maxDurationMs) - usage.wallUs / 1_000n],
    ['notice', notice && BigInt(Math.round((notice.endsAt ?? notice.at) - now))],
  ]
  const [by, ms] = bounds.reduce<readonly [Bound, bigint]>(
    (first, [name, lasts]) => (lasts !== undefined && lasts < first[1] ? [name, lasts] : first),
    ['duration', BigInt(Number.MAX_SAFE_INTEGER)],
  )
  const emptyInMs = Number(smaller(ms > 0n ? ms : 0n, BigInt(Number.MAX_SAFE_INTEGER)))
  return { emptyInMs, by, ...rate, low: (by === 'capacity' || by === 'daily-budget') && emptyInMs < LOW_MS }
}
