import { rateOf } from '../../../projections/fee-rate.ts'
import { mempool, type WaitingRow } from '../../../projections/mempool.ts'
import { builder } from './builder.ts'
import { listArgs, pageOf } from './connection.ts'
import { AmountRange, amounts, IntRange, numbers, RateRange, TimeRange, times } from './filter.ts'
import { orderType } from './order.ts'

const WaitingRef = builder.objectRef<WaitingRow>('WaitingTransaction')
const WaitingType = builder.node(WaitingRef, {
  description: 'A transaction that waits in the mempool of this node’s chain engine.',
  id: { resolve: (row) => row.id },
  loadOne: (txid, { projector }) => {
    const row = projector.byId(mempool, txid)
    return row?.list === 'transaction' ? row : undefined
  },
  fields: (t) => ({
    txid: t.expose('id', { type: 'Hex' }),
    feeSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Null where the chain engine does not say.',
      resolve: ({ fee }) => fee ?? null,
    }),
    feeRate: t.float({ nullable: true, description: 'Sats per virtual byte.', resolve: (row) => rateOf(row) ?? null }),
    virtualSize: t.exposeInt('virtualSize', { description: 'Virtual bytes.' }),
    inputCount: t.exposeInt('inputs'),
    outputCount: t.exposeInt('outputs'),
    outputSats: t.expose('outputSats', { type: 'Amount', description: 'Sum of its outputs.' }),
    depends: t.field({
      type: ['Hex'],
      description: 'What waited when it came, and has to be in a block before it.',
      resolve: ({ depends }) => [...depends],
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When this node saw it first.' }),
    ageS: t.float({
      description: 'Seconds since then.',
      resolve: ({ at }, _, { clock }) => Math.max(0, clock.now() - at) / 1_000,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const WaitingConnection = builder.connectionObject(
  { name: 'WaitingTransactionConnection', type: WaitingType },
  { name: 'WaitingTransactionEdge' },
)

const WaitingFilter = builder.inputType('WaitingTransactionFilter', {
  fields: (t) => ({
    at: t.field({ type: TimeRange, description: 'When this node saw it first.' }),
    feeSats: t.field({ type: AmountRange }),
    feeRate: t.field({ type: RateRange }),
    virtualSize: t.field({ type: IntRange }),
    outputSats: t.field({ type: AmountRange }),
  }),
})
const WaitingOrder = orderType('WaitingTransaction', {
  FEE_RATE: { value: 'feeRate', description: 'What miners take first.' },
  AT: { value: 'at' },
  FEE: { value: 'fee' },
  VIRTUAL_SIZE: { value: 'virtualSize' },
  OUTPUT: { value: 'outputSats' },
})

builder.queryFields((t) => ({
  mempool: t.field({
    type: WaitingConnection,
    description: 'What waits for a block.',
    args: {
      ...listArgs,
      filter: t.arg({ type: WaitingFilter, required: false }),
      orderBy: t.arg({ type: WaitingOrder, required: false, description: 'Default FEE_RATE, descending.' }),
    },
    resolve: async (_, { filter, orderBy, ...args }, context) => {
      const page = await pageOf(context, mempool, args, {
        order: orderBy ?? { by: 'feeRate', direction: 'DESCENDING' },
        where: {
          list: 'transaction',
          at: times(filter?.at),
          fee: amounts(filter?.feeSats),
          feeRate: numbers(filter?.feeRate),
          virtualSize: numbers(filter?.virtualSize),
          outputSats: amounts(filter?.outputSats),
        },
      })
      return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: node as WaitingRow })) }
    },
  }),
}))
