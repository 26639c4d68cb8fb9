import type { Availability, Served, Span } from '../../../domain/availability/availability.ts'
import { builder } from './builder.ts'

export const ServedType = builder.objectRef<Served>('Served').implement({
  description: 'What leases got of what they were to get.',
  fields: (t) => ({
    servedS: t.float({
      description: 'From when a machine was open and paid for until the end, of all leases together.',
      resolve: (it) => it.servedMs / 1_000,
    }),
    fullShare: t.float({
      nullable: true,
      description:
        'Of that, 0 to 1: neither paused nor shrunk by the provider, whose node ran; null where nothing was served. A publisher does not see what is shrunk.',
      resolve: (it) => (it.fullPermille === undefined ? null : it.fullPermille / 1_000),
    }),
    leases: t.exposeInt('leases', { description: 'That were funded.' }),
    broken: t.exposeInt('broken', {
      description: 'That ended by what the provider answers for, or because it fell silent.',
    }),
  }),
})

const SpanType = builder.objectRef<Span>('AvailabilitySpan').implement({
  description: 'How available a provider was in a time that ended when it said so.',
  fields: (t) => ({
    spanS: t.float({
      description: 'Over how long all of it was taken: less than the whole time while less is known.',
      resolve: (it) => it.spanMs / 1_000,
    }),
    lentShare: t.float({
      description: 'Of that, 0 to 1: its node ran and lent the machine out, or had it leased.',
      resolve: (it) => it.lentPermille / 1_000,
    }),
    served: t.field({ type: ServedType, resolve: (it) => it }),
  }),
})

export const AvailabilityType = builder.objectRef<Availability>('Availability').implement({
  description: 'How available a provider’s machine was, as it says itself.',
  fields: (t) => ({
    week: t.expose('week', { type: SpanType, description: 'Of the last 7 days.' }),
    month: t.expose('month', { type: SpanType, description: 'Of the last 30 days.' }),
    hoursOfWeek: t.field({
      type: ['Float'],
      nullable: { list: false, items: true },
      description:
        'Share lent out, 0 to 1, by hour of the week, of the last 30 days: 168 of them from Monday 00:00 UTC on; null where nothing is known.',
      resolve: (it) => it.hoursOfWeek.map((permille) => (permille === null ? null : permille / 1_000)),
    }),
  }),
})
