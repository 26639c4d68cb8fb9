import { type Answers, answersTo, type Bid } from '../answers.ts'
import { knownProviders } from '../dry-run.ts'
import { type Judging, situationNow, verdictNow } from '../lending.ts'
import { AnnouncementRef } from './announcement-type.ts'
import { builder } from './builder.ts'
import { CandidateType, ExclusionType, RelaxationType } from './dry-run-types.ts'
import { LeaseType } from './lease-type.ts'
import { OfferType } from './offer-type.ts'
import { perRequest } from './per-request.ts'
import { RuleVerdictType, VerdictType } from './value-types.ts'

const OutcomeEnum = builder.enumType('BidOutcome', {
  values: {
    OPEN: { value: 'open', description: 'Not decided yet.' },
    AGREED: { value: 'agreed', description: 'Both signed; how the lease went, it says itself.' },
    REFUSED: { value: 'refused', description: 'No lease came of it: `lease.end` says by whom and why.' },
  } as const,
})

const BidType = builder.objectRef<Bid>('Bid').implement({
  description: 'A provider that came because of an announcement.',
  fields: (t) => ({
    lease: t.expose('lease', { type: LeaseType }),
    offer: t.field({
      type: OfferType,
      nullable: true,
      description: 'Its newest; null when it came to none.',
      resolve: ({ offer }) => offer ?? null,
    }),
    outcome: t.field({
      type: OutcomeEnum,
      resolve: ({ lease }) => (lease.agreedAt !== undefined ? 'agreed' : lease.active ? 'open' : 'refused'),
    }),
    rules: t.field({
      type: [RuleVerdictType],
      description: 'Its price against the ceiling; empty when it offered none.',
      resolve: ({ rules }) => [...rules],
    }),
  }),
})

const AnswersType = builder.objectRef<Answers>('Answers').implement({
  description: 'Who answered an announcement, and who did not.',
  fields: (t) => ({
    bids: t.field({ type: [BidType], description: 'The newest 200.', resolve: ({ bids }) => [...bids] }),
    silent: t.field({
      type: [CandidateType],
      description:
        'Providers that made this node an offer in the last 7 days and did not come for this one: how each would answer by what is known of it.',
      resolve: ({ silent }) => [...silent.candidates],
    }),
    exclusions: t.field({
      type: [ExclusionType],
      description: 'Which rule keeps how many of those away; the strictest first.',
      resolve: ({ silent }) => [...silent.exclusions],
    }),
    relaxation: t.field({
      type: RelaxationType,
      nullable: true,
      description: 'The least that would win one of them.',
      resolve: ({ silent }) => silent.relaxation ?? null,
    }),
  }),
})

const judging = perRequest(async ({ market, projector }): Promise<Judging | undefined> => {
  const lending = await market.lending()
  return lending && { policy: lending.policy, situation: situationNow(projector, lending) }
})

const known = perRequest(({ projector, clock }) => knownProviders(projector, clock.now()))

builder.objectFields(AnnouncementRef, (t) => ({
  verdictNow: t.field({
    type: VerdictType,
    nullable: true,
    description:
      'As `verdict`, by the present rules and what is free now; null when this node lends nothing out, of an own one, and while it is not described.',
    resolve: async (row, _, context) => verdictNow(await judging(context), row) ?? null,
  }),
  answers: t.field({
    type: AnswersType,
    nullable: true,
    description: 'Null when it is not this node’s own.',
    resolve: (row, _, context) =>
      row.own && context.principal.kind === 'owner'
        ? (answersTo(context.projector, row, known(context)) ?? null)
        : null,
  }),
}))
