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
  let running: { readonly until: number; readonly resources: Resources }[] = []
  let machines = 0
  let earnedMsat = 0n
  for (const { at, request } of [...fits].sort((a, b) => a.at - b.at)) {
    const { resources, count, maxDurationMs } = request.body
    running = running.filter(({ until }) => until > at)
    for (let n = 0; n < count && running.length < policy.maxLeases && hasRoom(total, running, resources); n++) {
      running.push({ until: at + maxDurationMs, resources })
      machines++
      earnedMsat += mostMsat(request, policy)
    }
  }
  return { matched: fits.length, machines, earnedMsat, exclusions: exclusionsOf(judged) }
}

const hasRoom = (total: Resources, running: readonly { readonly resources: Resources }[], wanted: Resources): boolean =>
  SIZES.every((size) => running.reduce((sum, { resources }) => sum + resources[size], wanted[size]) <= total[size])

const HOUR_MS = 3_600_000n

const mostMsat = ({ body }: Request, { ask }: Policy): bigint => {
  const ms = BigInt(Math.floor(body.maxDurationMs))
  const asked = ask.startMsat + fullUseMsat(ask, body.resources, ms * 1_000n)
  // A publisher whose ceiling is lower says it instead.
  return smaller(asked, (body.maxHourlyMsat * ms) / HOUR_MS)
}
