import { GraphQLError } from 'graphql'
import { channels } from '../../../projections/channels.ts'
import {
  DEFAULT_POINTS,
  MAX_POINTS,
  readTicks,
  type SignedVoucher,
  type Tick,
  usageHistory,
  vouchersOf,
} from '../ticks.ts'
import { builder } from './builder.ts'
import { ChannelType } from './channel-type.ts'
import { checkedFirst, noCursor, pageArgs, pageFrom } from './connection.ts'
import { IntRange } from './filter.ts'
import { LeaseRef } from './lease-type.ts'
import { orderType } from './order.ts'
import { UsageType } from './value-types.ts'

const VoucherType = builder.objectRef<SignedVoucher>('Voucher').implement({
  description:
    'A voucher as it was signed: the sum so far in one channel. The newest of a channel is worth what it says.',
  fields: (t) => ({
    channelId: t.exposeString('channel'),
    leg: t.exposeInt('leg', { description: '0: the first channel of the lease.' }),
    paidSats: t.expose('paidSats', { type: 'Amount', description: 'In this channel, so far.' }),
    signature: t.expose('signature', {
      type: 'Hex',
      description: 'Of the publisher’s channel key over the transaction that closes it, compact.',
    }),
    channel: t.field({
      type: ChannelType,
      nullable: true,
      resolve: ({ channel }, _, { projector }) => projector.byId(channels, channel) ?? null,
    }),
  }),
})

const TickType = builder.objectRef<Tick>('Tick').implement({
  description: 'One reading of the meter, cumulative, and what was paid for it.',
  fields: (t) => ({
    number: t.exposeInt('tick'),
    at: t.expose('at', { type: 'DateTime' }),
    usage: t.expose('usage', { type: UsageType }),
    owedMsat: t.expose('owedMsat', { type: 'Amount' }),
    paidSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'In all, by the payment for it; null when there is none: a later one counts.',
      resolve: ({ paid }) => paid?.sats ?? null,
    }),
    paidAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ paid }) => paid?.at ?? null }),
    vouchers: t.field({
      type: [VoucherType],
      description:
        'What was signed in that payment: one for each channel that it changed; empty when nothing was, or is kept.',
      resolve: async (tick, _, { journal }) => [...(await vouchersOf(journal, tick))],
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const TickConnection = builder.connectionObject({ name: 'TickConnection', type: TickType }, { name: 'TickEdge' })

const TickFilter = builder.inputType('TickFilter', { fields: (t) => ({ number: t.field({ type: IntRange }) }) })
const TickOrder = orderType('Tick', { NUMBER: { value: 'tick', description: 'As they were read.' } })
const VERSION = /^[1-9]\d{0,14}$/

const versionOf = (cursor: string): number => {
  if (VERSION.test(cursor)) return Number(cursor)
  throw noCursor()
}

builder.objectFields(LeaseRef, (t) => ({
  ticks: t.field({
    type: TickConnection,
    description: 'Readings of its meter, as far as the log keeps them.',
    args: {
      ...pageArgs,
      filter: t.arg({ type: TickFilter, required: false }),
      orderBy: t.arg({ type: TickOrder, required: false, description: 'Default NUMBER, descending.' }),
    },
    resolve: async ({ id }, { filter, orderBy, ...args }, { journal }) => {
      const first = checkedFirst(args)
      const { min, max } = filter?.number ?? {}
      const found = await readTicks(
        journal,
        id,
        { ...(min == null ? {} : { min }), ...(max == null ? {} : { max }) },
        {
          backward: orderBy?.direction !== 'ASCENDING',
          after: args.after == null ? undefined : versionOf(args.after),
          count: first,
        },
      )
      return pageFrom(
        found.slice(0, first).map((tick) => ({ cursor: `${tick.version}`, node: tick })),
        { hasNextPage: found.length > first, hasPreviousPage: args.after != null },
      )
    },
  }),
  usageHistory: t.field({
    type: [TickType],
    description:
      'Readings evenly over its life, the first first and the newest among them; cumulative, so that a plot needs no others.',
    args: { points: t.arg.int({ required: true, defaultValue: DEFAULT_POINTS, description: `1 to ${MAX_POINTS}.` }) },
    resolve: async ({ id }, { points }, { journal }) => {
      if (points < 1 || points > MAX_POINTS)
        throw new GraphQLError(`points is ${points}: expected 1 to ${MAX_POINTS}`, {
          extensions: { code: 'api.bad-input' },
        })
      return [...(await usageHistory(journal, id, points))]
    },
  }),
}))
