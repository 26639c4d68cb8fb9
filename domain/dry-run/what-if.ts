import type { Availability } from '../availability/availability.ts'
import { match, type Policy, type Request } from '../match.ts'
import { smaller } from '../money.ts'
import { fullUseMsat } from '../price.ts'
import { type Resources, SIZES } from '../resources.ts'
import { type Exclusion, exclusionsOf } from './dry-run.ts'

/** An announcement, and when it was first seen, Unix ms. */
export type Seen = { readonly at: number; readonly request: Request }

/** What a policy would have made of announcements. */
export type Tried = {
  /** Announcements that every rule says yes to while nothing is leased. */
  readonly matched: number
  /** Machines that would have been leased, with what was free then. */
  readonly machines: number
  /** What those come to at the most: full use for the longest duration, at the price asked or the ceiling. */
  readonly earnedMsat: bigint
  readonly exclusions: readonly Exclusion[]
}

/**
 * Goes through announcements in the order of their time: each that matches is leased from then on for its longest duration, as many
 * machines of it as are wanted and fit. As if every match were won, and as available as it is now.
 */
export const tryPolicy = (
  seen: readonly Seen[],
  policy: Policy,
  total: Resources,
  availability?: Availability,
): Tried => {
  const situation = { free: total, leases: 0, height: -1, ...(availability && { availability }) }
  const judged = seen.map(({ request }) => {
    const { rules } = match(request, policy, situation)
    return { answer: 'would' as const, rules: rules.map((rule) => ({ ...rule, told: true })) }
  })
  const fits = seen.filter((_, i) => judged[i]!.rules.every(({ ok }) => ok))
  let running: Leased[] = []
  let leased = 0
  let free = total
  let machines = 0
  let earnedMsat = 0n
  for (const { at, request } of [...fits].sort((a, b) => a.at - b.at)) {
    const { resources, count, maxDurationMs } = request.body
    for (const over of running) {
      if (over.until > at) continue
      leased -= over.count
      free = plus(free, over.resources, over.count)
    }
    running = running.filter(({ until }) => until > at)
    const placed = Math.max(0, Math.min(count, policy.maxLeases - leased, fitting(free, resources)))
    if (placed === 0) continue
    running.push({ until: at + maxDurationMs, resources, count: placed })
    leased += placed
    free = plus(free, resources, -placed)
    machines += placed
    earnedMsat += BigInt(placed) * mostMsat(request, policy)
  }
  return { matched: fits.length, machines, earnedMsat, exclusions: exclusionsOf(judged) }
}

/** Machines of one announcement that run until the same time, Unix ms. Strangers say how many they want: they are never gone through. */
type Leased = { readonly until: number; readonly resources: Resources; readonly count: number }

const plus = (free: Resources, each: Resources, count: number): Resources => ({
  cpuMillis: free.cpuMillis + count * each.cpuMillis,
  memoryBytes: free.memoryBytes + count * each.memoryBytes,
  diskBytes: free.diskBytes + count * each.diskBytes,
  pids: free.pids + count * each.pids,
})

/** How many machines there is room for; a size of which nothing is wanted keeps none away. */
const fitting = (free: Resources, wanted: Resources): number =>
  Math.min(...SIZES.map((size) => (wanted[size] > 0 ? Math.floor(free[size] / wanted[size]) : Number.MAX_SAFE_INTEGER)))

const HOUR_MS = 3_600_000n

const mostMsat = ({ body }: Request, { ask }: Policy): bigint => {
  const ms = BigInt(Math.floor(body.maxDurationMs))
  const asked = ask.startMsat + fullUseMsat(ask, body.resources, ms * 1_000n)
  // A publisher whose ceiling is lower says it instead.
  return smaller(asked, (body.maxHourlyMsat * ms) / HOUR_MS)
}
