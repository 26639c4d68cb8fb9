import { channels } from '../../../projections/channels.ts'
import { leases } from '../../../projections/leases.ts'
import { offers } from '../../../projections/offers.ts'
import { builder } from './builder.ts'
import { ChannelConnection, ChannelStateEnum } from './channel-type.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import { AmountRange, amounts, anyOf, equal, IntRange, numbers, TimeRange, times } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { LeaseConnection, LeaseStageEnum, LeaseType, SideEnum } from './lease-type.ts'
import { OfferConnection, OfferStatusEnum } from './offer-type.ts'
import { orderType } from './order.ts'

const OfferFilter = builder.inputType('OfferFilter', {
  fields: (t) => ({
    status: t.field({ type: [OfferStatusEnum] }),
    announcement: t.field({ type: ['Hex'], description: 'Txids.' }),
    lease: t.field({ type: ['Hex'], description: 'Lease ids.' }),
    provider: t.field({ type: ['PublicKey'] }),
    at: t.field({ type: TimeRange }),
    hourlyMsat: t.field({ type: AmountRange, description: 'For an hour of full use.' }),
  }),
})
const OfferOrder = orderType('Offer', {
  BEGAN: { value: 'began', description: 'As they came: never changes.' },
  HOURLY: { value: 'hourlyMsat' },
  CHANGED: { value: 'position', description: 'By the newest fact about it.' },
})

const LeaseFilter = builder.inputType('LeaseFilter', {
  fields: (t) => ({
    stage: t.field({ type: [LeaseStageEnum] }),
    side: t.field({ type: SideEnum }),
    active: t.boolean({ description: 'Not over yet.' }),
    announcement: t.field({ type: ['Hex'], description: 'Txids.' }),
    publisher: t.field({ type: ['PublicKey'] }),
    provider: t.field({ type: ['PublicKey'] }),
    soughtAt: t.field({ type: TimeRange }),
    hourlyMsat: t.field({ type: AmountRange, description: 'For an hour of full use.' }),
    paidSats: t.field({ type: AmountRange }),
    endCode: t.stringList({ description: 'Why they are over.' }),
  }),
})
const LeaseOrder = orderType('Lease', {
  BEGAN: { value: 'began', description: 'As they began: never changes.' },
  HOURLY: { value: 'hourlyMsat' },
  PAID: { value: 'paidSats' },
  CHANGED: { value: 'position', description: 'By the newest fact about it.' },
})

const ChannelFilter = builder.inputType('ChannelFilter', {
  fields: (t) => ({
    state: t.field({ type: [ChannelStateEnum] }),
    funding: t.field({ type: ['Hex'], description: 'Txids of the transactions that funded them.' }),
    spend: t.field({ type: ['Hex'], description: 'Txids of the transactions that closed or refunded them.' }),
    expiryHeight: t.field({ type: IntRange }),
    capacitySats: t.field({ type: AmountRange }),
    paidSats: t.field({ type: AmountRange }),
  }),
})
const ChannelOrder = orderType('Channel', {
  BEGAN: { value: 'began', description: 'As they were made: never changes.' },
  EXPIRY: { value: 'expiryHeight' },
  CAPACITY: { value: 'capacitySats' },
  PAID: { value: 'paidSats' },
  CHANGED: { value: 'position', description: 'By the newest fact about it.' },
})

const BEGAN = { by: 'began', direction: 'DESCENDING' } as const
const DEFAULT = 'Default BEGAN, descending.'

builder.queryFields((t) => ({
  offers: t.field({
    type: OfferConnection,
    args: {
      ...listArgs,
      filter: t.arg({ type: OfferFilter, required: false }),
      orderBy: t.arg({ type: OfferOrder, required: false, description: DEFAULT }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, offers, args, {
        order: orderBy ?? BEGAN,
        where: {
          status: anyOf(filter?.status),
          announcement: anyOf(filter?.announcement),
          lease: anyOf(filter?.lease),
          provider: anyOf(filter?.provider),
          at: times(filter?.at),
          hourlyMsat: amounts(filter?.hourlyMsat),
        },
      }),
  }),
  leases: t.field({
    type: LeaseConnection,
    args: {
      ...listArgs,
      filter: t.arg({ type: LeaseFilter, required: false }),
      orderBy: t.arg({ type: LeaseOrder, required: false, description: DEFAULT }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, leases, args, {
        order: orderBy ?? BEGAN,
        where: {
          stage: anyOf(filter?.stage),
          side: equal(filter?.side),
          active: equal(filter?.active),
          announcement: anyOf(filter?.announcement),
          publisher: anyOf(filter?.publisher),
          provider: anyOf(filter?.provider),
          soughtAt: times(filter?.soughtAt),
          hourlyMsat: amounts(filter?.hourlyMsat),
          paidSats: amounts(filter?.paidSats),
          endCode: anyOf(filter?.endCode),
        },
      }),
  }),
  lease: t.field({
    type: LeaseType,
    nullable: true,
    args: { ...freshArg, leaseId: t.arg({ type: 'Hex', required: true }) },
    resolve: (_, { leaseId, atLeast }, context) => {
      const read = () => context.projector.byId(leases, leaseId) ?? null
      return untilFresh(context, atLeast, leases.name)?.then(read) ?? read()
    },
  }),
  channels: t.field({
    type: ChannelConnection,
    args: {
      ...listArgs,
      filter: t.arg({ type: ChannelFilter, required: false }),
      orderBy: t.arg({ type: ChannelOrder, required: false, description: DEFAULT }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, channels, args, {
        order: orderBy ?? BEGAN,
        where: {
          state: anyOf(filter?.state),
          fundingTxid: anyOf(filter?.funding),
          spendTxid: anyOf(filter?.spend),
          expiryHeight: numbers(filter?.expiryHeight),
          capacitySats: amounts(filter?.capacitySats),
          paidSats: amounts(filter?.paidSats),
        },
      }),
  }),
}))
