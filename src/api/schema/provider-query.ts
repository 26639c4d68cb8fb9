import { type ProviderRow, providers } from '../../../projections/providers.ts'
import type { Queried } from '../../projector/port.ts'
import { builder } from './builder.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import { AmountRange, amounts, anyOf, IntRange, numbers, TimeRange, times } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'
import { ProviderConnection, ProviderType } from './provider-type.ts'
import { IsolationEnum } from './value-types.ts'

const ProviderFilter = builder.inputType('ProviderFilter', {
  fields: (t) => ({
    isolation: t.field({ type: [IsolationEnum] }),
    lastAt: t.field({ type: TimeRange, description: 'When it made its newest offer.' }),
    hourlyMsat: t.field({ type: AmountRange, description: 'Of its newest offer, for an hour of full use.' }),
    servedCount: t.field({ type: IntRange }),
    paidSats: t.field({ type: AmountRange }),
  }),
})
const ProviderOrder = orderType('Provider', {
  BEGAN: { value: 'began', description: 'As this node met them: never changes.' },
  LAST: { value: 'lastAt', description: 'By their newest offers.' },
  HOURLY: { value: 'hourlyMsat' },
  SERVED: { value: 'served' },
  PAID: { value: 'paidSats' },
  CHANGED: { value: 'position', description: 'By the newest fact about it.' },
})

/** Without the rows that only its fold needs. */
export const PROVIDERS = providers as unknown as Queried<ProviderRow, keyof typeof providers.columns>

builder.queryFields((t) => ({
  providers: t.field({
    type: ProviderConnection,
    description: 'Whom this node rents from, or might: everybody who made it an offer.',
    args: {
      ...listArgs,
      filter: t.arg({ type: ProviderFilter, required: false }),
      orderBy: t.arg({ type: ProviderOrder, required: false, description: 'Default LAST, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, PROVIDERS, args, {
        order: orderBy ?? { by: 'lastAt', direction: 'DESCENDING' },
        where: {
          list: 'provider',
          isolation: anyOf(filter?.isolation),
          lastAt: times(filter?.lastAt),
          hourlyMsat: amounts(filter?.hourlyMsat),
          served: numbers(filter?.servedCount),
          paidSats: amounts(filter?.paidSats),
        },
      }),
  }),
  provider: t.field({
    type: ProviderType,
    nullable: true,
    args: { ...freshArg, key: t.arg({ type: 'PublicKey', required: true }) },
    resolve: async (_, { key, atLeast }, context) => {
      await untilFresh(context, atLeast, providers.name)
      return (
        context.projector.query(PROVIDERS, { where: { list: 'provider', id: key }, orderBy: 'id', limit: 1 })[0]?.row ??
        null
      )
    },
  }),
}))
