import { blocks } from '../../../projections/blocks.ts'
import { transactions } from '../../../projections/transactions.ts'
import { builder } from './builder.ts'
import { BlockConnection, BlockType, TransactionConnection, TransactionType, transactionById } from './chain-types.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import { AmountRange, amounts, equal, IntRange, numbers, RateRange, TimeRange, times } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'

/** Block times are Unix seconds. */
const SECOND_MS = 1_000

const BlockFilter = builder.inputType('BlockFilter', {
  fields: (t) => ({
    height: t.field({ type: IntRange }),
    time: t.field({ type: TimeRange, description: 'As its miner said.' }),
    transactionCount: t.field({ type: IntRange }),
    weight: t.field({ type: IntRange }),
    feeSats: t.field({ type: AmountRange }),
  }),
})
const BlockOrder = orderType('Block', {
  HEIGHT: { value: 'height' },
  TRANSACTION_COUNT: { value: 'transactions' },
  WEIGHT: { value: 'weight' },
  FEES: { value: 'feeSats' },
})

const TransactionFilter = builder.inputType('TransactionFilter', {
  fields: (t) => ({
    height: t.field({ type: IntRange }),
    time: t.field({ type: TimeRange, description: 'Of its block.' }),
    outputSats: t.field({ type: AmountRange }),
    virtualSize: t.field({ type: IntRange }),
    feeSats: t.field({ type: AmountRange }),
    feeRate: t.field({ type: RateRange }),
    coinbase: t.boolean(),
  }),
})
const TransactionOrder = orderType('Transaction', {
  PLACE: { value: 'place', description: 'By block and place in it.' },
  OUTPUT: { value: 'outputSats' },
  VIRTUAL_SIZE: { value: 'virtualSize' },
  FEE: { value: 'fee' },
  FEE_RATE: { value: 'feeRate' },
})

builder.queryFields((t) => ({
  blocks: t.field({
    type: BlockConnection,
    args: {
      ...listArgs,
      filter: t.arg({ type: BlockFilter, required: false }),
      orderBy: t.arg({ type: BlockOrder, required: false, description: 'Default HEIGHT, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, blocks, args, {
        order: orderBy ?? { by: 'height', direction: 'DESCENDING' },
        where: {
          height: numbers(filter?.height),
          time: times(filter?.time, SECOND_MS),
          transactions: numbers(filter?.transactionCount),
          weight: numbers(filter?.weight),
          feeSats: amounts(filter?.feeSats),
        },
      }),
  }),
  block: t.field({
    type: BlockType,
    nullable: true,
    args: { ...freshArg, hash: t.arg({ type: 'Hex', required: true }) },
    resolve: async (_, { hash, atLeast }, context) => {
      await untilFresh(context, atLeast, blocks.name)
      return context.projector.byId(blocks, hash) ?? null
    },
  }),
  transactions: t.field({
    type: TransactionConnection,
    args: {
      ...listArgs,
      filter: t.arg({ type: TransactionFilter, required: false }),
      orderBy: t.arg({ type: TransactionOrder, required: false, description: 'Default PLACE, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, transactions, args, {
        order: orderBy ?? { by: 'place', direction: 'DESCENDING' },
        where: {
          height: numbers(filter?.height),
          time: times(filter?.time, SECOND_MS),
          outputSats: amounts(filter?.outputSats),
          virtualSize: numbers(filter?.virtualSize),
          fee: amounts(filter?.feeSats),
          feeRate: numbers(filter?.feeRate),
          coinbase: equal(filter?.coinbase),
        },
      }),
  }),
  transaction: t.field({
    type: TransactionType,
    nullable: true,
    description: 'Null while it is in no block: what waits is in `mempool`.',
    args: { ...freshArg, txid: t.arg({ type: 'Hex', required: true }) },
    resolve: async (_, { txid, atLeast }, context) => {
      await untilFresh(context, atLeast, transactions.name)
      return transactionById(context, txid) ?? null
    },
  }),
}))
