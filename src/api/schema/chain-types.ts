import { toHex } from '../../../domain/bytes.ts'
import type { TxInput, TxOutput } from '../../../domain/chain/transaction.ts'
import { type BlockRow, blocks } from '../../../projections/blocks.ts'
import { type TransactionRow, transactions } from '../../../projections/transactions.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'

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
    at: t.expose('at', { type: 'DateTime', description: 'When this node connected it.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const BlockConnection = builder.connectionObject(
  { name: 'BlockConnection', type: BlockType },
  { name: 'BlockEdge' },
)

const TxInputType = builder.objectRef<TxInput>('TransactionInput').implement({
  description: 'The output that is spent; a coinbase spends the output of no transaction, all zeros.',
  fields: (t) => ({ txid: t.expose('txid', { type: 'Hex' }), vout: t.exposeFloat('vout') }),
})

const TxOutputType = builder.objectRef<TxOutput>('TransactionOutput').implement({
  fields: (t) => ({
    sats: t.expose('value', { type: 'Amount' }),
    script: t.field({ type: 'Hex', resolve: (output) => toHex(output.script) }),
  }),
})

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
    inputs: t.field({
      type: [TxInputType],
      nullable: true,
      description: 'From the chain engine; null when it does not have the transaction.',
      resolve: async (row, _, { market }) => (await market.transaction(row.txid))?.tx.inputs ?? null,
    }),
    outputs: t.field({
      type: [TxOutputType],
      nullable: true,
      description: 'From the chain engine; null when it does not have the transaction.',
      resolve: async (row, _, { market }) => (await market.transaction(row.txid))?.tx.outputs ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const TransactionConnection = builder.connectionObject(
  { name: 'TransactionConnection', type: TransactionType },
  { name: 'TransactionEdge' },
)
