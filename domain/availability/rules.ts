import type { RuleVerdict } from '../match.ts'
import { type Availability, HOUR_MS, type Served } from './availability.ts'

/** A share of less time than this, ms, says nothing: of a provider's own figures, and of what a publisher saw itself. */
export const LEAST_SPAN_MS = 24 * HOUR_MS
export const LEAST_SEEN_MS = HOUR_MS

/**
 * Whether a provider was as available as is wanted: lent out, and what it served in full, in the last 30 days. The lesser of the two
 * counts. Both sides judge by this.
 *
 * @param leastPermille undefined: all are
 */
export const availableEnough = (leastPermille: number | undefined, told: Availability | undefined): RuleVerdict => {
  const month = told?.month
  const figure = month === undefined ? 0 : Math.min(month.lentPermille, month.fullPermille ?? 1_000)
  return {
    rule: 'availability',
    ok:
      leastPermille === undefined || (month !== undefined && month.spanMs >= LEAST_SPAN_MS && figure >= leastPermille),
    want: leastPermille === undefined ? 'any' : `${percent(leastPermille)}, over a day at least`,
    have: month === undefined ? 'unknown' : `${percent(figure)} over ${lasting(month.spanMs)}`,
  }
}

/** Whether what a publisher saw itself of a provider speaks against it; nothing that it saw speaks for it. */
export const seenEnough = (leastPermille: number | undefined, seen: Served | undefined): RuleVerdict => {
  const known = seen !== undefined && seen.servedMs >= LEAST_SEEN_MS ? seen.fullPermille : undefined
  return {
    rule: 'availability-seen',
    ok: leastPermille === undefined || known === undefined || known >= leastPermille,
    want: leastPermille === undefined ? 'any' : `${percent(leastPermille)} of own leases’ time`,
    have: known === undefined ? 'too little was seen' : `${percent(known)} of ${lasting(seen!.servedMs)}`,
  }
}

const percent = (permille: number): string => `${permille / 10} %`

const lasting = (ms: number): string => {
  if (ms >= 48 * HOUR_MS) return `${Math.floor(ms / (24 * HOUR_MS))} days`
  return ms >= 2 * HOUR_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / 60_000)} min`
}
