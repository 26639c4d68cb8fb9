import { z } from 'zod'
import { announcements } from '../../../projections/announcements.ts'
import { blocks } from '../../../projections/blocks.ts'
import { listOf, SPANS } from '../../../projections/bucket.ts'
import { leases } from '../../../projections/leases.ts'
import { type SoldUsageRow, soldUsage } from '../../../projections/sold-usage.ts'
import { MAX_PAGE_ROWS, type Queried } from '../../projector/port.ts'
import { MAX_WHAT_IF_MS, type PolicyChange, situationNow, whatIf } from '../lending.ts'
import { problemOf } from '../problem.ts'
import { explain } from '../rent-request.ts'
import { builder } from './builder.ts'
import { freshArg } from './connection.ts'
import type { ApiContext } from './context.ts'
import { TimeRange } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { type Earned, EarnedType, LendingType, WhatIfType } from './lending-types.ts'
import { resultType } from './problem-type.ts'

const DAY_MS = SPANS.day.ms
const MAX_DAYS = 3_660

const WhatIfInput = builder.inputType('WhatIfInput', {
  description: 'Other rules; what is absent is as it is now.',
  fields: (t) => ({
    pricePercent: t.int({ description: 'Of the present prices, asked and least: 1 to 10,000.' }),
    floorPercent: t.int({ description: 'The least price, of that which is asked: 0 to 100.' }),
    images: t.stringList(),
    trustedKeys: t.field({ type: ['PublicKey'] }),
    trustAnybody: t.boolean({ description: 'Instead of trustedKeys.' }),
    internet: t.boolean(),
    maxDurationS: t.int(),
    maxLeases: t.int(),
    seen: t.field({
      type: TimeRange,
      description: 'When announcements were first seen, 7 days at the most. Default: the last day.',
    }),
  }),
})

const Changes = z.object({
  pricePercent: z.int().min(1).max(10_000).optional(),
  floorPercent: z.int().min(0).max(100).optional(),
  images: z.array(z.string().max(255)).max(100).optional(),
  trustedKeys: z.array(z.string()).max(1_000).optional(),
  trustAnybody: z.boolean().optional(),
  internet: z.boolean().optional(),
  maxDurationS: z.int().min(1).optional(),
  maxLeases: z.int().min(0).max(10_000).optional(),
})

const changeOf = (it: z.infer<typeof Changes>): PolicyChange => ({
  ...(it.pricePercent === undefined ? {} : { pricePercent: it.pricePercent }),
  ...(it.floorPercent === undefined ? {} : { floorPercent: it.floorPercent }),
  ...(it.images === undefined ? {} : { images: it.images }),
  ...(it.trustAnybody === true
    ? { trustedKeys: 'anybody' as const }
    : it.trustedKeys === undefined
      ? {}
      : { trustedKeys: it.trustedKeys }),
  ...(it.internet === undefined ? {} : { bridgeAllowed: it.internet }),
  ...(it.maxDurationS === undefined ? {} : { maxDurationMs: it.maxDurationS * 1_000 }),
  ...(it.maxLeases === undefined ? {} : { maxLeases: it.maxLeases }),
})

const WhatIfResult = resultType('WhatIfResult', WhatIfType)

const earnedIn = ({ projector, clock }: ApiContext, days: number): Earned => {
  const from = (Math.floor(clock.now() / DAY_MS) - days + 1) * DAY_MS
  const table = soldUsage as unknown as Queried<SoldUsageRow, 'list' | 'from'>
  const position = projector.position(soldUsage.name)
  let [settledSats, settledCount] = [0n, 0]
  for (let after: readonly [number, string] | undefined; ; ) {
    const rows = projector.query(table, {
      where: { list: listOf('own', 'day'), from: { gte: from } },
      orderBy: 'from',
      limit: MAX_PAGE_ROWS,
      ...(after === undefined ? {} : { after }),
    })
    for (const { row } of rows) {
      settledSats += row.settledSats
      settledCount += row.settled
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < MAX_PAGE_ROWS) break
    after = [last.row.from, last.id]
  }
  const active = projector.query(leases, {
    where: { side: 'provider', active: 1 },
    orderBy: 'id',
    limit: MAX_PAGE_ROWS,
  })
  const heldSats = active.reduce((sum, { row }) => sum + row.paidSats, 0n)
  const unpaid = ({ owedMsat, paidSats }: { owedMsat: bigint; paidSats: bigint }): bigint =>
    owedMsat > paidSats * 1_000n ? owedMsat - paidSats * 1_000n : 0n
  const owedMsat = active.reduce((sum, { row }) => sum + unpaid(row), 0n)
  return { settledSats, settledCount, heldSats, owedMsat, activeCount: active.length, position }
}

builder.queryFields((t) => ({
  lending: t.field({
    type: LendingType,
    nullable: true,
    description: 'Null when this node lends nothing out.',
    args: freshArg,
    resolve: async (_, { atLeast }, context) => {
      await untilFresh(context, atLeast, leases.name, blocks.name)
      const { market, projector } = context
      const lending = await market.lending()
      return lending
        ? { ...lending, now: situationNow(projector, lending), position: projector.position(leases.name) }
        : null
    },
  }),
  earnings: t.field({
    type: EarnedType,
    args: {
      ...freshArg,
      days: t.arg.int({ required: true, defaultValue: 30, description: `1 to ${MAX_DAYS}, today (UTC) among them.` }),
    },
    resolve: async (_, { days, atLeast }, context) => {
      await untilFresh(context, atLeast, leases.name, soldUsage.name)
      return earnedIn(context, Math.min(Math.max(days, 1), MAX_DAYS))
    },
  }),
  whatIf: t.field({
    type: WhatIfResult,
    description: 'What other rules of this provider would have made of the announcements of a time.',
    args: { ...freshArg, input: t.arg({ type: WhatIfInput, required: true }) },
    resolve: async (_, { input, atLeast }, context) => {
      const { seen, ...raw } = input
      const present = Object.fromEntries(Object.entries(raw).filter(([, value]) => value != null))
      const changes = Changes.safeParse(present)
      if (!changes.success) return problemOf('api.bad-input', explain(changes.error))
      const { market, projector, clock } = context
      const before = seen?.before ?? clock.now()
      const from = seen?.from ?? before - DAY_MS
      if (from >= before || before - from > MAX_WHAT_IF_MS)
        return problemOf('api.bad-input', 'seen: expected a time of 7 days at the most')
      const lending = await market.lending()
      if (lending === undefined)
        return problemOf('not-a-provider', 'this node lends nothing out', 'Ask a provider’s node.')
      await untilFresh(context, atLeast, announcements.name)
      const position = projector.position(announcements.name)
      return { ...whatIf(projector, lending, changeOf(changes.data), { from, before }), from, before, position }
    },
  }),
}))
