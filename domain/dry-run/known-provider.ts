import type { Availability } from '../availability/availability.ts'
import { type AnyRule, match, type Policy, type Request, type RuleVerdict, type Situation } from '../match.ts'
import type { PriceVector } from '../price.ts'
import type { Isolation } from '../resources.ts'

/** What a publisher knows of a provider by its offers. */
export type Offered = {
  /** When it made the newest, Unix ms. */
  readonly lastAt: number
  /** Of the newest offer, as isolation is and the whole machine. */
  readonly price: PriceVector
  readonly isolation: Isolation
  readonly cpuMillis: number
  readonly memoryBytes: number
  /** As it told it then; absent: it told nothing. */
  readonly availability?: Availability
  /** The newest first: what it has offered so far. It may do more. */
  readonly images: readonly string[]
  readonly bridge: boolean
  readonly diskBytes: number
  readonly pids: number
  readonly maxDurationMs: number
}

/** A rule of somebody else. `told`: what it is judged by was said; else it is only what was seen so far, and a no may be a yes. */
export type KnownRule = RuleVerdict & { readonly told: boolean }

export type Answer =
  /** Nothing that is known of it says no. */
  | 'would'
  /** It has not offered such a thing so far. */
  | 'may'
  | 'would-not'

export type Judged = { readonly answer: Answer; readonly rules: readonly KnownRule[] }

/** Judged by the most that was offered so far. */
const SEEN: ReadonlySet<AnyRule> = new Set(['disk', 'pids', 'image', 'network', 'duration'])

/** How a provider would answer a request, by what is known of it: the same rules that it judges by itself. */
export const judge = (request: Request, offered: Offered, height: number): Judged => {
  const { rules } = match(request, policyOf(offered), { ...situationOf(offered), height })
  const isSilent = offered.availability === undefined
  const known = rules.map((rule) => ({
    ...rule,
    told: !SEEN.has(rule.rule) && !(isSilent && rule.rule === 'availability'),
  }))
  const against = known.filter(({ ok }) => !ok)
  const answer = against.some(({ told }) => told) ? 'would-not' : against.length > 0 ? 'may' : 'would'
  return { answer, rules: known }
}

/** It may go down with its price, which nobody knows before. */
const policyOf = ({ price, images, isolation, bridge, maxDurationMs }: Offered): Policy => ({
  ask: price,
  floor: price,
  images,
  isolation,
  bridgeAllowed: bridge,
  maxDurationMs,
  maxLeases: 1,
})

/** As if nothing of it were leased: what is free, it says in no offer. */
const situationOf = ({
  cpuMillis,
  memoryBytes,
  diskBytes,
  pids,
  availability,
}: Offered): Omit<Situation, 'height'> => ({
  free: { cpuMillis, memoryBytes, diskBytes, pids },
  leases: 0,
  ...(availability && { availability }),
})
