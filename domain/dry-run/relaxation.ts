import type { AnnouncementBody } from '../announcement/body.ts'
import { firstHourMsat, TRAFFIC_HOURS } from '../ceiling.ts'
import type { AnyRule, Request, Rule } from '../match.ts'
import { larger } from '../money.ts'
import { hourlyMsat } from '../price.ts'
import { type Judged, judge, type Offered } from './known-provider.ts'

/** One field of a request, as people give it, and what it would have to be. */
export type Loosened = {
  readonly rule: Rule
  readonly field: 'cpuMillis' | 'memoryBytes' | 'isolation' | 'minAvailability' | 'maxHourlySats'
  readonly from: string
  /** `null`: left out. */
  readonly to: string
}

export type Relaxation = {
  /** The provider that is won. */
  readonly provider: string
  readonly changes: readonly Loosened[]
  /** What an hour of full use of the changed machine costs there, msat. */
  readonly hourlyMsat: bigint
  /** How many of those who would not take the request may take it then. */
  readonly gains: number
}

type Candidate = Judged & { readonly provider: Offered & { readonly id: string } }

/** The fewest changes that win a provider, and of those the ones with the cheapest hour. Undefined: there is nobody to win so. */
export const cheapestRelaxation = (
  request: Request,
  candidates: readonly Candidate[],
  height: number,
): Relaxation | undefined => {
  const lost = candidates.filter(({ answer }) => answer === 'would-not').map(({ provider }) => provider)
  const ways = lost.flatMap((provider) => {
    const way = wayTo(request, provider, height)
    return way === undefined ? [] : [{ ...way, provider }]
  })
  const [best] = ways.sort((a, b) => {
    if (a.changes.length !== b.changes.length) return a.changes.length - b.changes.length
    if (a.hourlyMsat !== b.hourlyMsat) return a.hourlyMsat < b.hourlyMsat ? -1 : 1
    return a.provider.id < b.provider.id ? -1 : 1
  })
  if (best === undefined) return undefined
  const gains = lost.filter((provider) => judge(best.request, provider, height).answer !== 'would-not').length
  return { provider: best.provider.id, changes: best.changes, hourlyMsat: best.hourlyMsat, gains }
}

/** What a provider would have to be asked instead; undefined when no change of these fields wins it. */
const wayTo = (
  request: Request,
  provider: Offered,
  height: number,
): { readonly request: Request; readonly changes: readonly Loosened[]; readonly hourlyMsat: bigint } | undefined => {
  const against = (of: Request): AnyRule[] =>
    judge(of, provider, height).rules.flatMap(({ rule, ok, told }) => (!ok && told ? [rule] : []))
  // Sizes first: a smaller machine may cost no more than the ceiling.
  const smaller = fitting(request, provider, against(request))
  const fits = raised(smaller, provider, against(smaller))
  if (against(fits).length > 0) return undefined
  const changes = differences(request.body, fits.body)
  return { request: fits, changes, hourlyMsat: hourlyMsat(provider.price, fits.body.resources) }
}

const fitting = (
  request: Request,
  { cpuMillis, memoryBytes, isolation }: Offered,
  rules: readonly AnyRule[],
): Request => {
  const { body } = request
  const resources = {
    ...body.resources,
    ...(rules.includes('cpu') ? { cpuMillis } : {}),
    ...(rules.includes('memory') ? { memoryBytes } : {}),
  }
  const { minAvailabilityPermille, ...others } = body
  const kept =
    rules.includes('availability') || minAvailabilityPermille === undefined ? {} : { minAvailabilityPermille }
  return { ...request, body: { ...others, ...kept, resources, ...(rules.includes('isolation') ? { isolation } : {}) } }
}

const raised = (request: Request, { price }: Offered, rules: readonly AnyRule[]): Request => {
  if (!rules.includes('price') && !rules.includes('traffic-price')) return request
  const { body } = request
  const traffic = [price.ioReadGiB, price.ioWriteGiB, price.netRxGiB, price.netTxGiB]
  const least = [
    body.maxHourlyMsat,
    firstHourMsat(price, body.resources),
    ...traffic.map((msat) => up(msat, TRAFFIC_HOURS)),
  ].reduce(larger)
  // Ceilings are given in whole sats.
  return { ...request, body: { ...body, maxHourlyMsat: up(least, 1_000n) * 1_000n } }
}

const up = (amount: bigint, unit: bigint): bigint => (amount + unit - 1n) / unit

const differences = (before: AnnouncementBody, after: AnnouncementBody): readonly Loosened[] => {
  const change = (rule: Rule, field: Loosened['field'], from: unknown, to: unknown): Loosened[] =>
    from === to ? [] : [{ rule, field, from: `${from}`, to: `${to}` }]
  const [a, b] = [before.resources, after.resources]
  return [
    ...change('cpu', 'cpuMillis', a.cpuMillis, b.cpuMillis),
    ...change('memory', 'memoryBytes', a.memoryBytes, b.memoryBytes),
    ...change('isolation', 'isolation', before.isolation, after.isolation),
    ...change('availability', 'minAvailability', percent(before), percent(after)),
    ...change('price', 'maxHourlySats', before.maxHourlyMsat / 1_000n, after.maxHourlyMsat / 1_000n),
  ]
}

const percent = ({ minAvailabilityPermille: permille }: AnnouncementBody): string =>
  permille === undefined ? 'null' : `${permille / 10}`
