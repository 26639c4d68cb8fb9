import type { AnnouncementBody } from './announcement/body.ts'
import type { Availability } from './availability/availability.ts'
import { availableEnough } from './availability/rules.ts'
import { underCeiling } from './ceiling.ts'
import type { PriceVector } from './price.ts'
import { ISOLATIONS, type Isolation, type Resources } from './resources.ts'

/** What a provider lends out, and on which conditions. */
export type Policy = {
  /** What it asks for first, and what it goes down to. */
  readonly ask: PriceVector
  readonly floor: PriceVector
  /** Image names that it runs; `*` allows all it can get. */
  readonly images: readonly string[]
  /** Publishers' identity keys, hex; absent: everybody. */
  readonly trustedKeys?: readonly string[]
  readonly isolation: Isolation
  readonly bridgeAllowed: boolean
  readonly maxDurationMs: number
  readonly maxLeases: number
}

/** What is wanted, and by whom. */
export type Request = { readonly publisherKey: string; readonly expiryHeight: number; readonly body: AnnouncementBody }

/** What can be had right now. */
export type Situation = {
  readonly free: Resources
  readonly leases: number
  readonly height: number
  /** How long machines are lent out from now on without a break, ms, and until when in words; absent: always. */
  readonly open?: { readonly leftMs: number; readonly until: string }
  /** How available this provider was until now; absent: nothing is known yet. */
  readonly availability?: Availability
}

export type Rule =
  | 'not-expired'
  | 'trusted'
  | 'lease-slot'
  | 'cpu'
  | 'memory'
  | 'disk'
  | 'pids'
  | 'image'
  | 'isolation'
  | 'network'
  | 'duration'
  | 'hours'
  | 'price'
  | 'traffic-price'
  | 'availability'

/** A rule of the publisher alone, beside `price`, `traffic-price` and `availability`, which both judge. */
export type PublisherRule = 'availability-seen'

/** Whoever's. */
export type AnyRule = Rule | PublisherRule

/** One rule's answer: what was wanted and what there is, in words that people read. */
export type RuleVerdict = {
  readonly rule: AnyRule
  readonly ok: boolean
  readonly want: string
  readonly have: string
}

/** Every rule is answered, also after one said no: a person who asks "why not" wants the whole list. */
export type Verdict = { readonly ok: boolean; readonly rules: readonly RuleVerdict[] }

/** Whether a provider's policy takes a request, rule by rule. The provider, a dry run and "why no match" all show this. */
export const match = (request: Request, policy: Policy, situation: Situation): Verdict => {
  const { body } = request
  const { free } = situation
  const enough = (rule: Rule, want: number, have: number): RuleVerdict =>
    answer(rule, want <= have, `${want}`, `${have}`)
  const rules: RuleVerdict[] = [
    answer(
      'not-expired',
      situation.height < request.expiryHeight,
      `before ${request.expiryHeight}`,
      `height ${situation.height}`,
    ),
    answer(
      'trusted',
      policy.trustedKeys === undefined || policy.trustedKeys.includes(request.publisherKey),
      request.publisherKey,
      policy.trustedKeys === undefined ? 'anybody' : `${policy.trustedKeys.length} trusted keys`,
    ),
    enough('lease-slot', situation.leases + 1, policy.maxLeases),
    enough('cpu', body.resources.cpuMillis, free.cpuMillis),
    enough('memory', body.resources.memoryBytes, free.memoryBytes),
    enough('disk', body.resources.diskBytes, free.diskBytes),
    enough('pids', body.resources.pids, free.pids),
    answer(
      'image',
      policy.images.includes('*') || policy.images.includes(body.image),
      body.image,
      policy.images.join(', '),
    ),
    answer('isolation', isAtLeast(policy.isolation, body.isolation), body.isolation, policy.isolation),
    answer(
      'network',
      body.machineNetwork === 'none' || policy.bridgeAllowed,
      body.machineNetwork,
      policy.bridgeAllowed ? 'bridge' : 'none',
    ),
    enough('duration', body.maxDurationMs, policy.maxDurationMs),
    answer(
      'hours',
      situation.open === undefined || body.maxDurationMs <= situation.open.leftMs,
      `${body.maxDurationMs} ms`,
      situation.open === undefined ? 'always' : `${situation.open.leftMs} ms, ${situation.open.until}`,
    ),
    ...underCeiling(policy.floor, body.resources, body.maxHourlyMsat),
    availableEnough(body.minAvailabilityPermille, situation.availability),
  ]
  return { ok: rules.every((rule) => rule.ok), rules }
}

/** `have` keeps apart at least as strongly as `want`. */
export const isAtLeast = (have: Isolation, want: Isolation): boolean =>
  ISOLATIONS.indexOf(have) >= ISOLATIONS.indexOf(want)

/** The rules that said no, as one line for people. */
export const whyNot = (verdict: Pick<Verdict, 'rules'>): string =>
  verdict.rules
    .filter((rule) => !rule.ok)
    .map((rule) => `${rule.rule}: wanted ${rule.want}, there is ${rule.have}`)
    .join('; ')

const answer = (rule: Rule, ok: boolean, want: string, have: string): RuleVerdict => ({ rule, ok, want, have })
