import type { Candidate, DryRun, Exclusion } from '../../../domain/dry-run/dry-run.ts'
import type { KnownRule } from '../../../domain/dry-run/known-provider.ts'
import type { Loosened, Relaxation } from '../../../domain/dry-run/relaxation.ts'
import type { ProviderRow } from '../../../projections/providers.ts'
import type { Problem } from '../port.ts'
import { builder } from './builder.ts'
import { RefusedType } from './problem-type.ts'
import { ProviderType } from './provider-type.ts'

export const AnswerEnum = builder.enumType('ExpectedAnswer', {
  values: {
    WOULD: { value: 'would', description: 'Nothing that is known of it says no.' },
    MAY: { value: 'may', description: 'It has not offered such a thing so far.' },
    WOULD_NOT: { value: 'would-not', description: 'A rule says no, by what it told.' },
  } as const,
})

export const KnownRuleType = builder.objectRef<KnownRule>('KnownRule').implement({
  description: 'One rule of another node, by what is known of it: what is wanted, and what there is.',
  fields: (t) => ({
    rule: t.exposeString('rule', { description: 'As in RuleVerdict.' }),
    ok: t.exposeBoolean('ok'),
    want: t.exposeString('want'),
    have: t.exposeString('have'),
    told: t.exposeBoolean('told', {
      description: 'False: judged by the most that it offered so far; its no may be a yes.',
    }),
  }),
})

export type ProviderCandidate = Candidate<ProviderRow>
export const CandidateType = builder.objectRef<ProviderCandidate>('Candidate').implement({
  description: 'How a provider would answer a request, by its own offers.',
  fields: (t) => ({
    provider: t.expose('provider', { type: ProviderType }),
    answer: t.expose('answer', { type: AnswerEnum }),
    rules: t.field({ type: [KnownRuleType], resolve: ({ rules }) => [...rules] }),
    hourlyMsat: t.expose('hourlyMsat', { type: 'Amount', description: 'Full use of one machine for an hour.' }),
    wholeMsat: t.expose('wholeMsat', {
      type: 'Amount',
      description: 'Full use of one machine for the longest duration, with the start.',
    }),
  }),
})

export const ExclusionType = builder.objectRef<Exclusion>('Exclusion').implement({
  description: 'Whom one rule keeps from answering.',
  fields: (t) => ({
    rule: t.exposeString('rule'),
    excludes: t.exposeInt('excludes', { description: 'Providers that it says no for.' }),
    alone: t.exposeInt('alone', { description: 'Those for whom no other rule does: won when this one is eased.' }),
  }),
})

const ChangeType = builder.objectRef<Loosened>('RequestChange').implement({
  fields: (t) => ({
    rule: t.exposeString('rule'),
    field: t.exposeString('field', { description: 'Of RentInput.' }),
    from: t.exposeString('from'),
    to: t.exposeString('to'),
  }),
})

export const RelaxationType = builder.objectRef<Relaxation>('Relaxation').implement({
  description: 'The fewest changes of a request that win a provider, and of those the ones with the cheapest hour.',
  fields: (t) => ({
    providerKey: t.expose('provider', { type: 'PublicKey' }),
    changes: t.field({ type: [ChangeType], resolve: ({ changes }) => [...changes] }),
    hourlyMsat: t.expose('hourlyMsat', { type: 'Amount' }),
    gains: t.exposeInt('gains', { description: 'Providers that may answer then, and would not now.' }),
  }),
})

export type DryRunShape = DryRun<ProviderRow> & {
  readonly count: number
  readonly capacitySats: bigint
  readonly refusal: Problem | undefined
  readonly position: number
}
const times = (answer: ProviderCandidate['answer'], { candidates }: DryRunShape): number =>
  candidates.filter((it) => it.answer === answer).length

export const DryRunType = builder.objectRef<DryRunShape>('DryRun').implement({
  description:
    'Who of the providers that made this node an offer in the last 7 days would take a request, at what price. What a provider has free, and whether it is there, is known to itself alone.',
  fields: (t) => ({
    candidates: t.field({
      type: [CandidateType],
      description: 'Those who would first, then those who may, each the cheapest first; 200 at the most.',
      resolve: ({ candidates }) => [...candidates],
    }),
    would: t.int({ resolve: (it) => times('would', it) }),
    may: t.int({ resolve: (it) => times('may', it) }),
    wouldNot: t.int({ resolve: (it) => times('would-not', it) }),
    hourlyMsat: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Of the cheapest machines that are wanted, together; null when there are fewer who would.',
      resolve: (it) => together(it, 'hourlyMsat'),
    }),
    wholeMsat: t.field({
      type: 'Amount',
      nullable: true,
      description: 'The same for the longest duration.',
      resolve: (it) => together(it, 'wholeMsat'),
    }),
    lockedSats: t.field({
      type: 'Amount',
      description: 'What would be locked in channels at the begin: the most that it can cost without mostSats.',
      resolve: ({ capacitySats, count }) => capacitySats * BigInt(count),
    }),
    exclusions: t.field({
      type: [ExclusionType],
      description: 'The strictest first.',
      resolve: ({ exclusions }) => [...exclusions],
    }),
    relaxation: t.field({ type: RelaxationType, nullable: true, resolve: ({ relaxation }) => relaxation ?? null }),
    refusal: t.field({
      type: RefusedType,
      nullable: true,
      description: 'What posting it would be refused with now, as too few coins.',
      resolve: ({ refusal }) => refusal ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const together = ({ candidates, count }: DryRunShape, price: 'hourlyMsat' | 'wholeMsat'): bigint | null => {
  const chosen = candidates.filter(({ answer }) => answer === 'would').slice(0, count)
  return chosen.length < count ? null : chosen.reduce((sum, it) => sum + it[price], 0n)
}
