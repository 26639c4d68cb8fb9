import type { WalletEntry } from '../port.ts'
import { builder } from './builder.ts'
import { checkedFirst, freshArg, listArgs, noCursor, pageFrom } from './connection.ts'
import { TimeRange } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { AccountBalanceType, BalanceType, BudgetType, MAX_HISTORY, WalletEntryConnection } from './node-types.ts'
import { orderType } from './order.ts'
import { DescriptorType, LockStateType } from './wallet-types.ts'

const WalletEntryFilter = builder.inputType('WalletEntryFilter', {
  fields: (t) => ({
    purpose: t.stringList({ description: 'Of those that we sent.' }),
    at: t.field({ type: TimeRange }),
    confirmed: t.boolean({ description: 'In a block.' }),
    dropped: t.boolean({ description: 'Another transaction spent its coins.' }),
  }),
})
const WalletEntryOrder = orderType('WalletEntry', {
  KNOWN: { value: 'known', description: 'As the wallet learned of them: never changes.' },
})

type Filter = typeof WalletEntryFilter.$inferInput

const passes =
  (filter: Filter | null | undefined) =>
  ({ purpose, at, height, dropped }: WalletEntry): boolean =>
    (filter?.purpose == null || (purpose !== undefined && filter.purpose.includes(purpose))) &&
    (filter?.at?.from == null || at >= filter.at.from) &&
    (filter?.at?.before == null || at < filter.at.before) &&
    (filter?.confirmed == null || (height !== undefined) === filter.confirmed) &&
    (filter?.dropped == null || dropped === filter.dropped)

builder.queryFields((t) => ({
  balance: t.field({
    type: BalanceType,
    args: freshArg,
    resolve: async (_, { atLeast }, context) => {
      await untilFresh(context, atLeast)
      const position = context.projector.position()
      return { ...(await context.market.balance()), position }
    },
  }),
  budget: t.field({
    type: BudgetType,
    nullable: true,
    description: 'Null when this node rents nothing.',
    resolve: async (_, __, context) => {
      const position = await context.journal.head()
      const budget = context.market.budget()
      return budget === undefined ? null : { ...budget, position }
    },
  }),
  balances: t.field({
    type: [AccountBalanceType],
    description: 'The wallet’s coins by account.',
    args: freshArg,
    resolve: async (_, { atLeast }, context) => {
      await untilFresh(context, atLeast)
      const position = context.projector.position()
      return (await context.market.balances()).map((balance) => ({ ...balance, position }))
    },
  }),
  receiveAddress: t.string({
    description: 'A new address of the wallet.',
    resolve: (_, __, { market }) => market.receiveAddress(),
  }),
  walletDescriptors: t.field({
    type: [DescriptorType],
    description: 'To watch the wallet elsewhere; none where the log is only read.',
    resolve: (_, __, { market }) => [...(market.desk?.descriptors() ?? [])],
  }),
  walletLock: t.field({
    type: LockStateType,
    description: 'Where the log is only read there are no keys, which is as good as locked.',
    resolve: (_, __, { market }) => market.desk?.lockState() ?? { locked: true },
  }),
  walletHistory: t.field({
    type: WalletEntryConnection,
    description: `The newest ${MAX_HISTORY} transactions of the wallet.`,
    args: {
      ...listArgs,
      filter: t.arg({ type: WalletEntryFilter, required: false }),
      orderBy: t.arg({ type: WalletEntryOrder, required: false, description: 'Default KNOWN, descending.' }),
    },
    resolve: async (_, { filter, orderBy, ...args }, context) => {
      const first = checkedFirst(args)
      await untilFresh(context, args.atLeast)
      const position = await context.journal.head()
      const newestFirst = await context.market.walletHistory(MAX_HISTORY)
      const all = orderBy?.direction === 'ASCENDING' ? newestFirst.toReversed() : newestFirst
      const begin = args.after == null ? 0 : all.findIndex(({ txid }) => txid === args.after) + 1
      if (args.after != null && begin === 0) throw noCursor()
      const found = all.slice(begin).filter(passes(filter))
      const edges = found.slice(0, first).map((entry) => ({ cursor: entry.txid, node: { ...entry, position } }))
      return pageFrom(edges, { hasNextPage: found.length > first, hasPreviousPage: begin > 0 })
    },
  }),
}))
