import type { AccountBalance, Budget, NodeStatus, WalletBalance, WalletEntry } from '../port.ts'
import { builder } from './builder.ts'
import { budgetEmptyAt, togetherMsat } from './forecast-type.ts'

/** The wallet's transactions that one query looks through. */
export const MAX_HISTORY = 10_000

export type StatusShape = NodeStatus & {
  readonly position: number
  readonly head: number
  readonly at: number
  readonly height: number | undefined
  readonly activeLeases: number
}

export const StatusType = builder.objectRef<StatusShape>('Status').implement({
  description: 'What this node is and how far it has come.',
  fields: (t) => ({
    version: t.exposeString('version'),
    network: t.exposeString('network', { description: 'Chain network by name.' }),
    identity: t.field({
      type: 'PublicKey',
      nullable: true,
      description: 'The key that this node proves to be; null when it only reads the log.',
      resolve: (it) => it.identity ?? null,
    }),
    roles: t.exposeStringList('roles'),
    chain: t.exposeString('chain', { description: 'The chain engine in use.' }),
    curve: t.exposeString('curve', { description: 'What signs and checks signatures here.' }),
    machines: t.string({
      nullable: true,
      description: 'What makes machines here; null when none are lent out.',
      resolve: (it) => it.machines ?? null,
    }),
    endpoint: t.string({
      nullable: true,
      description: 'Where this publisher listens for providers.',
      resolve: (it) => it.endpoint ?? null,
    }),
    height: t.int({ nullable: true, description: 'Of the newest block.', resolve: (it) => it.height ?? null }),
    activeLeases: t.exposeInt('activeLeases'),
    position: t.expose('position', { type: 'Position', description: 'Up to which the rows are.' }),
    head: t.expose('head', { type: 'Position', description: 'Of the newest fact in the log.' }),
    at: t.expose('at', { type: 'DateTime', description: 'This node’s clock.' }),
  }),
})

export const BalanceType = builder.objectRef<WalletBalance & { readonly position: number }>('Balance').implement({
  description: 'The wallet’s coins, sats.',
  fields: (t) => ({
    confirmedSats: t.expose('confirmedSats', { type: 'Amount' }),
    unconfirmedSats: t.expose('unconfirmedSats', { type: 'Amount' }),
    immatureSats: t.expose('immatureSats', { type: 'Amount', description: 'Mined, not yet old enough to be spent.' }),
    bondedSats: t.expose('bondedSats', { type: 'Amount', description: 'In the bonds of own announcements.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

export const BudgetType = builder.objectRef<Budget & { readonly position: number }>('Budget').implement({
  description: 'What own leases cost in the present day of UTC, by the vouchers signed in it, and what they may.',
  fields: (t) => ({
    dayBegan: t.expose('dayBegan', { type: 'DateTime' }),
    limitSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'dailyBudgetSats of the node; null: no limit.',
      resolve: ({ limitSats }) => limitSats ?? null,
    }),
    spentSats: t.expose('spentSats', { type: 'Amount' }),
    reservedSats: t.expose('reservedSats', {
      type: 'Amount',
      description: 'Kept for what leases that run may owe beyond their newest vouchers.',
    }),
    leftSats: t.field({ type: 'Amount', nullable: true, resolve: ({ leftSats }) => leftSats ?? null }),
    hourlyMsat: t.field({
      type: 'Amount',
      description: 'What the leases that run cost together as they are used now.',
      resolve: (_, __, context) => togetherMsat(context),
    }),
    emptyAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When nothing is left of it, if all goes on as it does; null: not today.',
      resolve: ({ dayBegan, leftSats }, _, context) => budgetEmptyAt(dayBegan, leftSats, context),
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

export const AccountEnum = builder.enumType('WalletAccount', {
  description: 'What a key of the wallet is for.',
  values: {
    RECEIVE: { value: 'receive', description: 'Addresses that were given out.' },
    CHANGE: { value: 'change', description: 'What came back of own payments.' },
    IDENTITY: { value: 'identity', description: 'The author of announcements, and their bonds.' },
    CHANNEL: { value: 'channel', description: 'Keys of payment channels.' },
  } as const,
})

export const AccountBalanceType = builder
  .objectRef<AccountBalance & { readonly position: number }>('AccountBalance')
  .implement({
    description: 'One account of the wallet, sats.',
    fields: (t) => ({
      account: t.expose('account', { type: AccountEnum }),
      confirmedSats: t.expose('confirmedSats', { type: 'Amount' }),
      unconfirmedSats: t.expose('unconfirmedSats', { type: 'Amount' }),
      immatureSats: t.expose('immatureSats', { type: 'Amount', description: 'Mined, not yet old enough to be spent.' }),
      reservedSats: t.expose('reservedSats', {
        type: 'Amount',
        description: 'Spent by own transactions in no block yet.',
      }),
      position: t.expose('position', { type: 'Position' }),
    }),
  })

/** `position`: of the log when it was read; the wallet's entries are folded from there, not from rows. */
export type ReadEntry = WalletEntry & { readonly position: number }

const WalletEntryRef = builder.objectRef<ReadEntry>('WalletEntry')
const WalletEntryType = builder.node(WalletEntryRef, {
  description: 'A transaction as the wallet’s owner sees it.',
  id: { resolve: ({ txid }) => txid },
  loadOne: async (txid, { market, journal }) => {
    const position = await journal.head()
    const entry = (await market.walletHistory(MAX_HISTORY)).find((it) => it.txid === txid)
    return entry && { ...entry, position }
  },
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    at: t.expose('at', { type: 'DateTime', description: 'When the wallet first knew of it.' }),
    changeSats: t.string({
      description: 'What it added to our coins or, negative, took from them, fee and all; decimal digits.',
      resolve: ({ change }) => change.toString(),
    }),
    feeSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Null when we did not send it.',
      resolve: ({ fee }) => fee ?? null,
    }),
    purpose: t.string({
      nullable: true,
      description: 'Null when we did not send it.',
      resolve: ({ purpose }) => purpose ?? null,
    }),
    label: t.string({
      nullable: true,
      description: 'The owner’s own words.',
      resolve: ({ label }) => label ?? null,
    }),
    height: t.int({ nullable: true, description: 'Of its block.', resolve: ({ height }) => height ?? null }),
    dropped: t.exposeBoolean('dropped', {
      description: 'Another transaction spent its coins: it will never be in a block.',
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

export const WalletEntryConnection = builder.connectionObject(
  { name: 'WalletEntryConnection', type: WalletEntryType },
  { name: 'WalletEntryEdge' },
)
