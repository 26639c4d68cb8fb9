import type { Tried } from '../../../domain/dry-run/what-if.ts'
import type { Situation } from '../../../domain/match.ts'
import { hourlyMsat } from '../../../domain/price.ts'
import type { WhatIf } from '../lending.ts'
import type { Lending } from '../port.ts'
import { builder } from './builder.ts'
import { ExclusionType } from './dry-run-types.ts'
import { IsolationEnum, PriceType, ResourcesType } from './value-types.ts'

export type LendingShape = Lending & { readonly now: Situation; readonly position: number }

export const LendingType = builder.objectRef<LendingShape>('Lending').implement({
  description: 'What this provider lends out, and by which rules it judges announcements.',
  fields: (t) => ({
    ask: t.field({ type: PriceType, description: 'What it asks for first.', resolve: ({ policy }) => policy.ask }),
    floor: t.field({ type: PriceType, description: 'What it goes down to.', resolve: ({ policy }) => policy.floor }),
    askHourlyMsat: t.field({
      type: 'Amount',
      description: 'Full use of all that it lends for an hour, at the price asked.',
      resolve: ({ policy, total }) => hourlyMsat(policy.ask, total),
    }),
    images: t.stringList({
      description: '`*`: all that it can get.',
      resolve: ({ policy }) => [...policy.images],
    }),
    trustedKeys: t.field({
      type: ['PublicKey'],
      nullable: true,
      description: 'Null: everybody.',
      resolve: ({ policy }) => (policy.trustedKeys === undefined ? null : [...policy.trustedKeys]),
    }),
    isolation: t.field({ type: IsolationEnum, resolve: ({ policy }) => policy.isolation }),
    internet: t.boolean({ resolve: ({ policy }) => policy.bridgeAllowed }),
    maxDurationS: t.float({ resolve: ({ policy }) => policy.maxDurationMs / 1_000 }),
    maxLeases: t.int({ resolve: ({ policy }) => policy.maxLeases }),
    total: t.expose('total', { type: ResourcesType }),
    free: t.field({ type: ResourcesType, description: 'Now.', resolve: ({ now }) => now.free }),
    leases: t.int({ description: 'That hold some of it now.', resolve: ({ now }) => now.leases }),
    openForS: t.float({
      nullable: true,
      description: 'How long machines are lent out from now on without a break; null: always.',
      resolve: ({ open }) => (open === undefined ? null : open.leftMs / 1_000),
    }),
    openUntil: t.string({
      nullable: true,
      description: 'The same in words.',
      resolve: ({ open }) => open?.until ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const TriedType = builder.objectRef<Tried>('PolicyTried').implement({
  description: 'What rules would have made of announcements.',
  fields: (t) => ({
    matched: t.exposeInt('matched', {
      description: 'Announcements that all of them say yes to while nothing is leased.',
    }),
    machines: t.exposeInt('machines', {
      description:
        'Machines of those that would have been leased, with what was free then, each for its longest duration.',
    }),
    earnedMsat: t.expose('earnedMsat', {
      type: 'Amount',
      description:
        'What those come to at the most: full use at the price asked, or at the ceiling where that is lower, as if every match were won.',
    }),
    exclusions: t.field({
      type: [ExclusionType],
      description: 'Announcements that each rule lost; the strictest first.',
      resolve: ({ exclusions }) => [...exclusions],
    }),
  }),
})

export type WhatIfShape = WhatIf & { readonly from: number; readonly before: number; readonly position: number }
export const WhatIfType = builder.objectRef<WhatIfShape>('WhatIf').implement({
  description: 'Announcements that were first seen in a time, under the present rules and under others.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime' }),
    before: t.expose('before', { type: 'DateTime' }),
    announcements: t.exposeInt('announcements', { description: 'Whose publishers told what they want.' }),
    truncated: t.exposeBoolean('truncated', { description: 'There were more: the earliest 5,000 are counted.' }),
    present: t.expose('present', { type: TriedType }),
    changed: t.expose('changed', { type: TriedType }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

/** What a provider has from its leases, in all. */
export type Earned = {
  readonly settledSats: bigint
  readonly settledCount: number
  readonly heldSats: bigint
  readonly owedMsat: bigint
  readonly activeCount: number
  readonly position: number
}
export const EarnedType = builder.objectRef<Earned>('Earnings').implement({
  description: 'What this provider has earned; in buckets it is under `utilisation`, by lease under `leases`.',
  fields: (t) => ({
    settledSats: t.expose('settledSats', { type: 'Amount', description: 'Paid on the chain in the days asked for.' }),
    settledCount: t.exposeInt('settledCount', { description: 'Leases that paid it.' }),
    heldSats: t.expose('heldSats', { type: 'Amount', description: 'In vouchers of leases that are not settled yet.' }),
    owedMsat: t.expose('owedMsat', { type: 'Amount', description: 'By those leases, beyond their vouchers.' }),
    activeCount: t.exposeInt('activeCount', { description: 'Of them.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
