import type { AnyRule, Request } from '../match.ts'
import { fullUseMsat, hourlyMsat } from '../price.ts'
import { type Judged, judge, type Offered } from './known-provider.ts'
import { cheapestRelaxation, type Relaxation } from './relaxation.ts'

export type Known = Offered & { readonly id: string }

/** One provider's answer. Both prices are for full use, msat: of an hour, and of the longest duration with the start. */
export type Candidate<Provider extends Known> = Judged & {
  readonly provider: Provider
  readonly hourlyMsat: bigint
  readonly wholeMsat: bigint
}

/** How many providers a rule says no for, of those who would not; and for how many it is the only one. */
export type Exclusion = { readonly rule: AnyRule; readonly excludes: number; readonly alone: number }

export type DryRun<Provider extends Known> = {
  /** Those who would first, then those who may; each the cheapest first. */
  readonly candidates: readonly Candidate<Provider>[]
  /** The strictest first; rules that exclude nobody are left out. */
  readonly exclusions: readonly Exclusion[]
  /** The least that would win one provider more. */
  readonly relaxation?: Relaxation
}

const ORDER = { would: 0, may: 1, 'would-not': 2 } as const

/** Who of the providers that are known would take a request, at what price, and what keeps the others. */
export const dryRun = <Provider extends Known>(
  request: Request,
  known: readonly Provider[],
  height: number,
): DryRun<Provider> => {
  const { resources, maxDurationMs } = request.body
  const candidates = known
    .map((provider) => ({
      ...judge(request, provider, height),
      provider,
      hourlyMsat: hourlyMsat(provider.price, resources),
      wholeMsat:
        provider.price.startMsat + fullUseMsat(provider.price, resources, BigInt(Math.ceil(maxDurationMs)) * 1_000n),
    }))
    .sort(byWorth)
  const relaxation = cheapestRelaxation(request, candidates, height)
  return { candidates, exclusions: exclusionsOf(candidates), ...(relaxation ? { relaxation } : {}) }
}

const byWorth = (a: Candidate<Known>, b: Candidate<Known>): number => {
  if (a.answer !== b.answer) return ORDER[a.answer] - ORDER[b.answer]
  if (a.hourlyMsat !== b.hourlyMsat) return a.hourlyMsat < b.hourlyMsat ? -1 : 1
  return a.provider.id < b.provider.id ? -1 : 1
}

/** By what was told alone: what was not offered so far excludes nobody. */
export const exclusionsOf = (judged: readonly Judged[]): readonly Exclusion[] => {
  const found = new Map<AnyRule, { excludes: number; alone: number }>()
  for (const { rules } of judged) {
    const against = rules.filter(({ ok, told }) => !ok && told)
    for (const { rule } of against) {
      const { excludes, alone } = found.get(rule) ?? { excludes: 0, alone: 0 }
      found.set(rule, { excludes: excludes + 1, alone: alone + (against.length === 1 ? 1 : 0) })
    }
  }
  return [...found]
    .map(([rule, counts]) => ({ rule, ...counts }))
    .sort((a, b) => b.alone - a.alone || b.excludes - a.excludes || (a.rule < b.rule ? -1 : 1))
}
