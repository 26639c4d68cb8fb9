import { announcements } from '../../../projections/announcements.ts'
import { AnnouncementConnection, AnnouncementStatusEnum, AnnouncementType } from './announcement-type.ts'
import { builder } from './builder.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import { AmountRange, amounts, anyOf, equal, IntRange, numbers, TimeRange, times } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'
import { IsolationEnum } from './value-types.ts'

const AnnouncementFilter = builder.inputType('AnnouncementFilter', {
  fields: (t) => ({
    status: t.field({ type: [AnnouncementStatusEnum] }),
    own: t.boolean({ description: 'Posted by this node.' }),
    author: t.field({ type: ['PublicKey'] }),
    matched: t.boolean({
      description: 'This node’s policy said yes, or no; those that it did not judge are in neither.',
    }),
    isolation: t.field({ type: [IsolationEnum] }),
    firstAt: t.field({ type: TimeRange, description: 'When this node first knew of it.' }),
    height: t.field({ type: IntRange, description: 'Of its block.' }),
    bondSats: t.field({ type: AmountRange }),
    maxHourlyMsat: t.field({ type: AmountRange, description: 'The most that an hour of full use may cost.' }),
  }),
})

const AnnouncementOrder = orderType('Announcement', {
  BEGAN: { value: 'began', description: 'As this node learned of them: never changes.' },
  HEIGHT: { value: 'height', description: 'Those in no block come before all others.' },
  BOND: { value: 'bondSats' },
  MAX_HOURLY: { value: 'maxHourlyMsat' },
  CHANGED: { value: 'position', description: 'By the newest fact about it.' },
})

builder.queryFields((t) => ({
  announcements: t.field({
    type: AnnouncementConnection,
    args: {
      ...listArgs,
      filter: t.arg({ type: AnnouncementFilter, required: false }),
      orderBy: t.arg({ type: AnnouncementOrder, required: false, description: 'Default BEGAN, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, announcements, args, {
        order: orderBy ?? { by: 'began', direction: 'DESCENDING' },
        where: {
          status: anyOf(filter?.status),
          own: equal(filter?.own),
          author: anyOf(filter?.author),
          matched: equal(filter?.matched),
          isolation: anyOf(filter?.isolation),
          firstAt: times(filter?.firstAt),
          height: numbers(filter?.height),
          bondSats: amounts(filter?.bondSats),
          maxHourlyMsat: amounts(filter?.maxHourlyMsat),
        },
      }),
  }),
  announcement: t.field({
    type: AnnouncementType,
    nullable: true,
    args: { ...freshArg, txid: t.arg({ type: 'Hex', required: true }) },
    resolve: async (_, { txid, atLeast }, context) => {
      await untilFresh(context, atLeast, announcements.name)
      return context.projector.byId(announcements, txid) ?? null
    },
  }),
}))
