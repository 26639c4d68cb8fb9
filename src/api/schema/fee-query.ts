import { GraphQLError } from 'graphql'
import { BLOCKS_PER_ROW, type BlockFeesRow, blockFees, type PaidClass } from '../../../projections/block-fees.ts'
import { RATE_CLASSES } from '../../../projections/fee-rate.ts'
import { mempool, type WaitingClassRow } from '../../../projections/mempool.ts'
import { builder } from './builder.ts'
import { freshArg, listArgs, pageOf } from './connection.ts'
import type { ApiContext } from './context.ts'
import { IntRange, numbers } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'

const USUAL_TARGETS = [1, 2, 3, 6, 12, 24, 144]
export const MAX_TARGETS = 10
const MAX_TARGET_BLOCKS = 1_008

type Placed<T> = T & { readonly position: number }
type Class = Placed<PaidClass & { readonly feeSats?: bigint }>

const FeeClassType = builder.objectRef<Class>('FeeClass').implement({
  description: 'Transactions whose fee rates are close to each other.',
  fields: (t) => ({
    fromRate: t.float({
      description: 'Sats per virtual byte, inclusive.',
      resolve: (it) => RATE_CLASSES[it.class]!,
    }),
    toRate: t.float({
      nullable: true,
      description: 'Exclusive; null when there is no end.',
      resolve: (it) => RATE_CLASSES[it.class + 1] ?? null,
    }),
    transactions: t.exposeInt('transactions'),
    virtualSize: t.exposeInt('virtualSize', { description: 'Of all of them.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

type Estimate = Placed<{ readonly targetBlocks: number; readonly feeRate: number | undefined }>
const FeeEstimateType = builder.objectRef<Estimate>('FeeEstimate').implement({
  description: 'What to pay to be in one of the next blocks, as the chain engine sees it.',
  fields: (t) => ({
    targetBlocks: t.exposeInt('targetBlocks'),
    feeRate: t.float({
      nullable: true,
      description: 'Sats per virtual byte; null where there is no chain to ask.',
      resolve: ({ feeRate }) => feeRate ?? null,
    }),
    position: t.expose('position', { type: 'Position', description: 'Of the rows when it was asked.' }),
  }),
})

type Fees = Placed<{ readonly classes: readonly WaitingClassRow[]; readonly estimates: readonly Estimate[] }>
const FeesType = builder.objectRef<Fees>('Fees').implement({
  description: 'What a place in a block costs now. Transactions whose fee is not known are not counted.',
  fields: (t) => ({
    estimates: t.field({ type: [FeeEstimateType], resolve: ({ estimates }) => [...estimates] }),
    waiting: t.int({
      description: 'Transactions in the mempool.',
      resolve: ({ classes }) => classes.reduce((sum, { transactions }) => sum + transactions, 0),
    }),
    waitingVirtualSize: t.int({ resolve: ({ classes }) => classes.reduce((sum, it) => sum + it.virtualSize, 0) }),
    waitingFeeSats: t.field({
      type: 'Amount',
      resolve: ({ classes }) => classes.reduce((sum, { feeSats }) => sum + feeSats, 0n),
    }),
    histogram: t.field({
      type: [FeeClassType],
      description: 'The mempool by fee rate, lowest first; classes in which nothing waits are left out.',
      resolve: ({ classes, position }) => classes.map((it) => ({ ...it, position })),
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const feesNow = async (context: ApiContext, targets: readonly number[]): Promise<Fees> => {
  if (targets.length > MAX_TARGETS || targets.some((it) => it < 1 || it > MAX_TARGET_BLOCKS))
    throw new GraphQLError(`targets: expected at most ${MAX_TARGETS}, of 1 to ${MAX_TARGET_BLOCKS} blocks`, {
      extensions: { code: 'api.bad-input' },
    })
  const position = context.projector.position(mempool.name)
  const classes = RATE_CLASSES.flatMap((_, number) => {
    const row = context.projector.byId(mempool, `class:${number}`)
    return row?.list === 'class' ? [row] : []
  })
  const estimates = await Promise.all(
    targets.map(async (targetBlocks) => ({
      targetBlocks,
      feeRate: await context.market.feeRate(targetBlocks),
      position,
    })),
  )
  return { classes, estimates, position }
}

const classesOf = ({ blocks, position }: BlockFeesRow): Class[] => {
  const sums = new Map<number, Class>()
  for (const it of blocks.flatMap(({ classes }) => classes)) {
    const before = sums.get(it.class)
    const transactions = (before?.transactions ?? 0) + it.transactions
    const virtualSize = (before?.virtualSize ?? 0) + it.virtualSize
    sums.set(it.class, { class: it.class, transactions, virtualSize, position })
  }
  return [...sums.values()].sort((a, b) => a.class - b.class)
}

/** Where the class begins in which this part of all virtual bytes is reached; null when nothing was paid. */
const rateAt = (row: BlockFeesRow, part: number): number | null => {
  const classes = classesOf(row)
  const total = classes.reduce((sum, { virtualSize }) => sum + virtualSize, 0)
  let reached = 0
  for (const it of classes) {
    reached += it.virtualSize
    if (reached >= total * part) return RATE_CLASSES[it.class]!
  }
  return null
}

const BlockFeesRef = builder.objectRef<BlockFeesRow>('BlockFees')
const BlockFeesType = builder.node(BlockFeesRef, {
  description: `Fee rates that were paid in ${BLOCKS_PER_ROW} blocks; rates are those from which their class begins.`,
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(blockFees, id),
  fields: (t) => ({
    fromHeight: t.exposeInt('from'),
    toHeight: t.int({ resolve: (row) => Math.max(...row.blocks.map(({ height }) => height)) }),
    from: t.field({
      type: 'DateTime',
      description: 'Of the first block, as its miner said.',
      resolve: (row) => Math.min(...row.blocks.map(({ time }) => time)) * 1_000,
    }),
    blocks: t.int({ resolve: (row) => row.blocks.length }),
    transactions: t.int({
      description: 'With a fee.',
      resolve: (row) => classesOf(row).reduce((sum, { transactions }) => sum + transactions, 0),
    }),
    feeSats: t.field({
      type: 'Amount',
      resolve: (row) => row.blocks.reduce((sum, { feeSats }) => sum + feeSats, 0n),
    }),
    lowRate: t.float({
      nullable: true,
      description: 'A tenth of the virtual bytes paid this or less.',
      resolve: (row) => rateAt(row, 0.1),
    }),
    medianRate: t.float({ nullable: true, resolve: (row) => rateAt(row, 0.5) }),
    highRate: t.float({
      nullable: true,
      description: 'A tenth of the virtual bytes paid this or more.',
      resolve: (row) => rateAt(row, 0.9),
    }),
    histogram: t.field({ type: [FeeClassType], resolve: classesOf }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const BlockFeesConnection = builder.connectionObject(
  { name: 'BlockFeesConnection', type: BlockFeesType },
  { name: 'BlockFeesEdge' },
)
const BlockFeesFilter = builder.inputType('BlockFeesFilter', {
  fields: (t) => ({ fromHeight: t.field({ type: IntRange }) }),
})
const BlockFeesOrder = orderType('BlockFees', { HEIGHT: { value: 'from' } })

builder.queryFields((t) => ({
  fees: t.field({
    type: FeesType,
    args: {
      ...freshArg,
      targets: t.arg.intList({
        required: true,
        defaultValue: USUAL_TARGETS,
        description: `Blocks; at most ${MAX_TARGETS} of them, each 1 to ${MAX_TARGET_BLOCKS}.`,
      }),
    },
    resolve: async (_, { targets, atLeast }, context) => {
      await untilFresh(context, atLeast, mempool.name)
      return feesNow(context, targets)
    },
  }),
  feeHistory: t.field({
    type: BlockFeesConnection,
    description: `Fee rates that were paid, by ${BLOCKS_PER_ROW} blocks.`,
    args: {
      ...listArgs,
      filter: t.arg({ type: BlockFeesFilter, required: false }),
      orderBy: t.arg({ type: BlockFeesOrder, required: false, description: 'Default HEIGHT, descending.' }),
    },
    resolve: (_, { filter, orderBy, ...args }, context) =>
      pageOf(context, blockFees, args, {
        order: orderBy ?? { by: 'from', direction: 'DESCENDING' },
        where: { from: numbers(filter?.fromHeight) },
      }),
  }),
}))
