import { type BlockRow, blocks } from '../../../projections/blocks.ts'
import { rateOf } from '../../../projections/fee-rate.ts'
import { type TransactionRow, transactions } from '../../../projections/transactions.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'
import { inputsOf, outputsOf, TxInputType, TxOutputType } from './transaction-parts.ts'

const unixSeconds = (seconds: number): number => seconds * 1_000

/** The row of a transaction in a block of the active chain. */
export const transactionById = ({ projector }: ApiContext, txid: string): TransactionRow | undefined =>
  projector.query(transactions, { where: { txid }, orderBy: 'place', limit: 1 })[0]?.row

export const BlockRef = builder.objectRef<BlockRow>('Block')
export const BlockType = builder.node(BlockRef, {
  description: 'A block of the active chain.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(blocks, id),
  fields: (t) => ({
    hash: t.expose('id', { type: 'Hex' }),
    height: t.exposeInt('height'),
    previous: t.expose('previous', { type: 'Hex' }),
    time: t.field({ type: 'DateTime', description: 'As its miner said.', resolve: (row) => unixSeconds(row.time) }),
    transactionCount: t.exposeInt('transactions'),
    outputSats: t.expose('outputSats', { type: 'Amount' }),
    virtualSize: t.exposeInt('virtualSize', { description: 'Of its transactions, virtual bytes.' }),
    sizeBytes: t.int({
      nullable: true,
      description: 'Null, as weight, subsidy and fees, of a block from before they were kept.',
      resolve: (row) => row.sizeBytes ?? null,
    }),
    weight: t.int({ nullable: true, resolve: (row) => row.weight ?? null }),
    subsidySats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'New coins that the law allows at its height.',
      resolve: (row) => row.subsidySats ?? null,
    }),
    feeSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Of all its transactions; null also where the chain engine did not know them.',
      resolve: (row) => row.feeSats ?? null,
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When this node connected it.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const BlockConnection = builder.connectionObject(
  { name: 'BlockConnection', type: BlockType },
  { name: 'BlockEdge' },
)

export const TransactionRef = builder.objectRef<TransactionRow>('Transaction')
export const TransactionType = builder.node(TransactionRef, {
  description: 'A transaction in a block of the active chain.',
  id: { resolve: (row) => row.txid },
  loadOne: (txid, context) => transactionById(context, txid),
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    height: t.exposeInt('height'),
    blockHash: t.expose('block', { type: 'Hex' }),
    index: t.exposeInt('index', { description: 'Its place in the block.' }),
    time: t.field({ type: 'DateTime', resolve: (row) => unixSeconds(row.time) }),
    coinbase: t.exposeBoolean('coinbase'),
    outputSats: t.expose('outputSats', { type: 'Amount', description: 'Sum of its outputs.' }),
    inputCount: t.exposeInt('inputs'),
    outputCount: t.exposeInt('outputs'),
    virtualSize: t.exposeInt('virtualSize', { description: 'Virtual bytes.' }),
    weight: t.int({
      nullable: true,
      description: 'Null, as its fee, from before it was kept.',
      resolve: (row) => row.weight ?? null,
    }),
    feeSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Null of a coinbase, and where the chain engine did not know what was spent.',
      resolve: (row) => row.fee ?? null,
    }),
    feeRate: t.float({ nullable: true, description: 'Sats per virtual byte.', resolve: (row) => rateOf(row) ?? null }),
    inputs: t.field({
      type: [TxInputType],
      nullable: true,
      description: 'From the chain engine; null when it does not have the transaction.',
      resolve: async ({ txid, position }, _, context) => {
        const tx = (await context.market.transaction(txid))?.tx
        return tx ? inputsOf(context, tx, position) : null
      },
    }),
    outputs: t.field({
      type: [TxOutputType],
      nullable: true,
      description: 'From the chain engine; null when it does not have the transaction.',
      resolve: async ({ txid, position }, _, context) => {
        const known = await context.market.transaction(txid)
        return known ? outputsOf(context, txid, known, position) : null
      },
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const TransactionConnection = builder.connectionObject(
  { name: 'TransactionConnection', type: TransactionType },
  { name: 'TransactionEdge' },
)
