import { GraphQLError } from 'graphql'
import { MAX_ADDRESS_CHARS } from '../../../domain/chain/address.ts'
import { type AddressTransactionRow, addressTransactions } from '../../../projections/address-transactions.ts'
import { type AddressRow, addresses } from '../../../projections/addresses.ts'
import { type OutputRow, outputs } from '../../../projections/outputs.ts'
import { placeKey } from '../../../projections/place-key.ts'
import type { Condition } from '../../projector/port.ts'
import { builder } from './builder.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import type { ApiContext } from './context.ts'
import { AmountRange, amounts, IntRange, numbers } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'

type Heights = { readonly min?: number | null | undefined; readonly max?: number | null | undefined } | null | undefined

/** The stretch of an index that is one address: behind its name comes a space, and nothing sorts between that and `!`. */
const stretch = (address: string): Condition => ({ gte: `${address} `, lt: `${address}!` })

/** The part of it that is in blocks of these heights. */
const placesOf = (address: string, heights: Heights): Condition => ({
  gte: `${address} ${heights?.min == null ? '' : placeKey(Math.max(0, heights.min))}`,
  lt: heights?.max == null ? `${address}!` : `${address} ${placeKey(Math.max(0, heights.max + 1))}`,
})

const AddressTransactionRef = builder.objectRef<AddressTransactionRow>('AddressTransaction')
const AddressTransactionType = builder.node(AddressTransactionRef, {
  description: 'A transaction in a block, as an address sees it.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(addressTransactions, id),
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    height: t.exposeInt('height'),
    time: t.field({ type: 'DateTime', description: 'Of its block.', resolve: ({ time }) => time * 1_000 }),
    receivedSats: t.expose('receivedSats', { type: 'Amount' }),
    sentSats: t.expose('sentSats', { type: 'Amount' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const AddressTransactionConnection = builder.connectionObject(
  { name: 'AddressTransactionConnection', type: AddressTransactionType },
  { name: 'AddressTransactionEdge' },
)
const AddressTransactionOrder = orderType('AddressTransaction', {
  PLACE: { value: 'place', description: 'By block and place in it.' },
})

const UnspentRef = builder.objectRef<OutputRow>('UnspentOutput')
const UnspentType = builder.node(UnspentRef, {
  description: 'An output in a block that no block has spent.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => {
    const row = projector.byId(outputs, id)
    return row?.spentBy === undefined ? row : undefined
  },
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    vout: t.exposeInt('vout'),
    sats: t.expose('sats', { type: 'Amount' }),
    height: t.exposeInt('height'),
    coinbase: t.exposeBoolean('coinbase'),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const UnspentConnection = builder.connectionObject(
  { name: 'UnspentOutputConnection', type: UnspentType },
  { name: 'UnspentOutputEdge' },
)
const UnspentOrder = orderType('UnspentOutput', {
  PLACE: { value: 'unspentPlace', description: 'By block and place in it.' },
  SATS: { value: 'unspentSats' },
})
const PlaceFilter = builder.inputType('PlaceFilter', { fields: (t) => ({ height: t.field({ type: IntRange }) }) })

const AddressRef = builder.objectRef<AddressRow>('Address')
const AddressType = builder.node(AddressRef, {
  description: 'What the blocks of the active chain say of an address; what waits in the mempool is not counted.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(addresses, id),
  fields: (t) => ({
    address: t.exposeString('id'),
    receivedSats: t.expose('receivedSats', { type: 'Amount' }),
    sentSats: t.expose('sentSats', { type: 'Amount' }),
    balanceSats: t.field({ type: 'Amount', resolve: (row) => row.receivedSats - row.sentSats }),
    transactionCount: t.exposeInt('transactions'),
    unspentCount: t.exposeInt('unspent'),
    transactions: t.field({
      type: AddressTransactionConnection,
      args: {
        ...listArgs,
        filter: t.arg({ type: PlaceFilter, required: false }),
        orderBy: t.arg({ type: AddressTransactionOrder, required: false, description: 'Default PLACE, descending.' }),
      },
      resolve: ({ id }, { filter, orderBy, ...args }, context) =>
        pageOf(context, addressTransactions, args, {
          order: orderBy ?? { by: 'place', direction: 'DESCENDING' },
          where: { place: placesOf(id, filter?.height) },
        }),
    }),
    unspent: t.field({
      type: UnspentConnection,
      args: {
        ...listArgs,
        filter: t.arg({ type: PlaceFilter, required: false }),
        orderBy: t.arg({ type: UnspentOrder, required: false, description: 'Default PLACE, descending.' }),
      },
      resolve: ({ id }, { filter, orderBy, ...args }, context) => {
        const order = orderBy ?? { by: 'unspentPlace' as const, direction: 'DESCENDING' as const }
        const bySats = order.by === 'unspentSats' ? { unspentSats: stretch(id) } : {}
        return pageOf(context, outputs, args, {
          order,
          where: { unspentPlace: placesOf(id, filter?.height), ...bySats },
        })
      },
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const AddressConnection = builder.connectionObject(
  { name: 'AddressConnection', type: AddressType },
  { name: 'AddressEdge' },
)
const AddressFilter = builder.inputType('AddressFilter', {
  fields: (t) => ({
    balanceSats: t.field({ type: AmountRange }),
    receivedSats: t.field({ type: AmountRange }),
    transactionCount: t.field({ type: IntRange }),
  }),
})
const AddressOrder = orderType('Address', {
  BALANCE: { value: 'balanceSats' },
  RECEIVED: { value: 'receivedSats' },
  TRANSACTION_COUNT: { value: 'transactions' },
})

/** The first block has an output: where there is none at all, nothing was indexed. @throws GraphQLError `api.not-indexed` */
export const mustBeIndexed = ({ projector }: ApiContext): void => {
  if (projector.query(outputs, { orderBy: 'id', limit: 1 }).length > 0) return
  throw new GraphQLError('this log has no index of addresses', {
    extensions: {
      code: 'api.not-indexed',
      next: 'Start the node that follows the chain with --chain-index true, and give it time to read the chain.',
    },
  })
}

builder.queryFields((t) => ({
  address: t.field({
    type: AddressType,
    nullable: true,
    description: 'Null when no block of the active chain names it.',
    args: { ...freshArg, address: t.arg.string({ required: true }) },
    resolve: async (_, { address, atLeast }, context) => {
      await untilFresh(context, atLeast, addresses.name, addressTransactions.name, outputs.name)
      mustBeIndexed(context)
      return address.length > MAX_ADDRESS_CHARS ? null : (context.projector.byId(addresses, address) ?? null)
    },
  }),
  addresses: t.field({
    type: AddressConnection,
    description: 'Of the chain; none where the log has no index of them.',
    args: {
      ...listArgs,
      filter: t.arg({ type: AddressFilter, required: false }),
      orderBy: t.arg({ type: AddressOrder, required: false, description: 'Default BALANCE, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, addresses, args, {
        order: orderBy ?? { by: 'balanceSats', direction: 'DESCENDING' },
        where: {
          balanceSats: amounts(filter?.balanceSats),
          receivedSats: amounts(filter?.receivedSats),
          transactions: numbers(filter?.transactionCount),
        },
      }),
  }),
}))
