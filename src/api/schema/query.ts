import { GraphQLError } from 'graphql'
import { announcements } from '../../../projections/announcements.ts'
import { blocks } from '../../../projections/blocks.ts'
import { channels } from '../../../projections/channels.ts'
import { leases } from '../../../projections/leases.ts'
import { offers } from '../../../projections/offers.ts'
import { transactions } from '../../../projections/transactions.ts'
import type { Condition } from '../../projector/port.ts'
import { AnnouncementConnection, AnnouncementStatusEnum, AnnouncementType } from './announcement-type.ts'
import { builder } from './builder.ts'
import { BlockConnection, BlockType, TransactionConnection, TransactionType, transactionById } from './chain-types.ts'
import { ChannelConnection, ChannelStateEnum } from './channel-type.ts'
import { checkedFirst, DEFAULT_FIRST, freshArg, MAX_FIRST, noCursor, pageArgs, pageFrom, pageOf } from './connection.ts'
import { untilFresh } from './fresh.ts'
import { LeaseConnection, LeaseStageEnum, LeaseType, SideEnum } from './lease-type.ts'
import { AccountBalanceConnection, BalanceType, StatusType, WalletEntryType } from './node-types.ts'
import { OfferConnection, OfferStatusEnum } from './offer-type.ts'

const listArgs = builder.args((t) => ({
  ...pageArgs,
  ...freshArg,
  oldestFirst: t.boolean({ required: true, defaultValue: false, description: 'Newest first unless true.' }),
}))

/** Conditions of those arguments that were given. */
const given = <K extends string>(args: Record<K, string | number | boolean | null | undefined>): Record<K, Condition> =>
  Object.fromEntries(
    Object.entries<string | number | boolean | null | undefined>(args)
      .filter(([, value]) => value != null)
      .map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
  ) as Record<K, Condition>

builder.queryType({
  fields: (t) => ({
    status: t.field({
      type: StatusType,
      args: freshArg,
      resolve: async (_, { atLeast }, context) => {
        await untilFresh(context, atLeast)
        const { market, projector, journal, clock } = context
        const tip = projector.query(blocks, { orderBy: 'height', descending: true, limit: 1 })[0]
        return {
          ...market.status(),
          position: projector.position(),
          head: await journal.head(),
          at: clock.now(),
          height: tip?.row.height,
          activeLeases: projector.count(leases, { active: 1 }),
        }
      },
    }),
    balance: t.field({
      type: BalanceType,
      args: freshArg,
      resolve: async (_, { atLeast }, context) => {
        await untilFresh(context, atLeast)
        const position = context.projector.position()
        return { ...(await context.market.balance()), position }
      },
    }),
    balances: t.field({
      type: AccountBalanceConnection,
      description: 'The wallet’s coins by account.',
      args: { ...pageArgs, ...freshArg },
      resolve: async (_, args, context) => {
        const first = checkedFirst(args)
        await untilFresh(context, args.atLeast)
        const all = await context.market.balances()
        const begin = args.after == null ? 0 : all.findIndex(({ account }) => account === args.after) + 1
        if (args.after != null && begin === 0) throw noCursor()
        const edges = all.slice(begin, begin + first).map((node) => ({ cursor: node.account, node }))
        return pageFrom(edges, { hasNextPage: begin + first < all.length, hasPreviousPage: begin > 0 })
      },
    }),
    receiveAddress: t.string({
      description: 'A new address of the wallet.',
      resolve: (_, __, { market }) => market.receiveAddress(),
    }),
    walletHistory: t.field({
      type: [WalletEntryType],
      description: 'The newest transactions of the wallet, newest first.',
      args: { first: t.arg.int({ required: true, defaultValue: DEFAULT_FIRST, description: '1 to 100.' }) },
      resolve: async (_, { first }, { market }) => {
        if (first < 1 || first > MAX_FIRST)
          throw new GraphQLError(`first: expected 1 to ${MAX_FIRST}`, { extensions: { code: 'api.bad-input' } })
        return [...(await market.walletHistory(first))]
      },
    }),
    announcements: t.field({
      type: AnnouncementConnection,
      args: {
        ...listArgs,
        status: t.arg({ type: AnnouncementStatusEnum, required: false }),
        own: t.arg.boolean({ required: false }),
        author: t.arg({ type: 'PublicKey', required: false }),
      },
      resolve: (_, { status, own, author, ...args }, context) =>
        pageOf(context, announcements, args, { by: 'began', where: given({ status, own, author }) }),
    }),
    announcement: t.field({
      type: AnnouncementType,
      nullable: true,
      args: { ...freshArg, txid: t.arg({ type: 'Hex', required: true }) },
      resolve: async (_, { txid, atLeast }, context) => {
        await untilFresh(context, atLeast)
        return context.projector.byId(announcements, txid) ?? null
      },
    }),
    offers: t.field({
      type: OfferConnection,
      args: {
        ...listArgs,
        status: t.arg({ type: OfferStatusEnum, required: false }),
        announcement: t.arg({ type: 'Hex', required: false, description: 'Txid.' }),
        lease: t.arg({ type: 'Hex', required: false, description: 'Lease id.' }),
        provider: t.arg({ type: 'PublicKey', required: false }),
      },
      resolve: (_, { status, announcement, lease, provider, ...args }, context) =>
        pageOf(context, offers, args, { by: 'began', where: given({ status, announcement, lease, provider }) }),
    }),
    leases: t.field({
      type: LeaseConnection,
      args: {
        ...listArgs,
        stage: t.arg({ type: LeaseStageEnum, required: false }),
        side: t.arg({ type: SideEnum, required: false }),
        active: t.arg.boolean({ required: false, description: 'Not over yet.' }),
        announcement: t.arg({ type: 'Hex', required: false, description: 'Txid.' }),
      },
      resolve: (_, { stage, side, active, announcement, ...args }, context) =>
        pageOf(context, leases, args, { by: 'began', where: given({ stage, side, active, announcement }) }),
    }),
    lease: t.field({
      type: LeaseType,
      nullable: true,
      args: { ...freshArg, leaseId: t.arg({ type: 'Hex', required: true }) },
      resolve: async (_, { leaseId, atLeast }, context) => {
        await untilFresh(context, atLeast)
        return context.projector.byId(leases, leaseId) ?? null
      },
    }),
    channels: t.field({
      type: ChannelConnection,
      args: { ...listArgs, state: t.arg({ type: ChannelStateEnum, required: false }) },
      resolve: (_, { state, ...args }, context) =>
        pageOf(context, channels, args, { by: 'began', where: given({ state }) }),
    }),
    blocks: t.field({
      type: BlockConnection,
      args: listArgs,
      resolve: (_, args, context) => pageOf(context, blocks, args, { by: 'height', where: {} }),
    }),
    block: t.field({
      type: BlockType,
      nullable: true,
      args: { ...freshArg, hash: t.arg({ type: 'Hex', required: true }) },
      resolve: async (_, { hash, atLeast }, context) => {
        await untilFresh(context, atLeast)
        return context.projector.byId(blocks, hash) ?? null
      },
    }),
    transactions: t.field({
      type: TransactionConnection,
      args: { ...listArgs, height: t.arg.int({ required: false, description: 'Of one block.' }) },
      resolve: (_, { height, ...args }, context) =>
        pageOf(context, transactions, args, { by: 'place', where: given({ height }) }),
    }),
    transaction: t.field({
      type: TransactionType,
      nullable: true,
      description: 'Null while it is in no block.',
      args: { ...freshArg, txid: t.arg({ type: 'Hex', required: true }) },
      resolve: async (_, { txid, atLeast }, context) => {
        await untilFresh(context, atLeast)
        return transactionById(context, txid) ?? null
      },
    }),
  }),
})
