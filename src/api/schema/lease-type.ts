import type { ShellAddress } from '../../../domain/lease/facts.ts'
import type { Notice } from '../../../domain/lease/notice.ts'
import { PAUSES, type Pause } from '../../../domain/lease/pauses.ts'
import { STAGES, type Stage, TERMINALS, type Terminal } from '../../../domain/lease/stage.ts'
import { billUnder } from '../../../domain/terms.ts'
import { announcements } from '../../../projections/announcements.ts'
import { channels } from '../../../projections/channels.ts'
import type { LeaseEnd } from '../../../projections/lease-end.ts'
import { dataUntil, type LeaseRow, leases } from '../../../projections/leases.ts'
import { logins } from '../../../projections/logins.ts'
import type { ShellEntry } from '../port.ts'
import { receiptFileOf } from '../receipt-file.ts'
import { AnnouncementType } from './announcement-type.ts'
import { builder } from './builder.ts'
import { ChannelType } from './channel-type.ts'
import { pageOf } from './connection.ts'
import { capacityOf, ForecastType, forecastOf } from './forecast-type.ts'
import { InsideType } from './inside-type.ts'
import { LogConnection, leaseLog, logArgs } from './log-type.ts'
import { LoginConnection, loginArgs, whereLogin } from './login-type.ts'
import {
  BillLineType,
  IsolationEnum,
  MachineNetworkEnum,
  PriceType,
  ResourcesType,
  UsageType,
  VerdictType,
} from './value-types.ts'

type AnyStage = Stage | Terminal

export const LeaseStageEnum = builder.enumType('LeaseStage', {
  description: 'The seven stages in order, then how a lease can be over.',
  values: Object.fromEntries([...STAGES, ...TERMINALS].map((name) => [name.toUpperCase(), { value: name }])) as Record<
    Uppercase<AnyStage>,
    { value: AnyStage }
  >,
})

export const SideEnum = builder.enumType('Side', {
  description: 'Which side of the lease this node is.',
  values: { PUBLISHER: { value: 'publisher' }, PROVIDER: { value: 'provider' } } as const,
})

const ShellType = builder.objectRef<ShellEntry>('Shell').implement({
  description: 'Where and how to log in from this machine; the host key is pinned by the agreed terms.',
  fields: (t) => ({
    host: t.exposeString('host'),
    port: t.exposeInt('port'),
    user: t.exposeString('user'),
    hostKey: t.exposeString('hostKey', { description: 'OpenSSH form.' }),
  }),
})

const LeasePauseType = builder.objectRef<Pause>('LeasePause').implement({
  description: 'A reason for which a machine stands still.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable.' }),
    by: t.field({ type: SideEnum, description: 'Whose doing it is.', resolve: ({ code }) => PAUSES[code].by }),
    next: t.string({ resolve: ({ code }) => PAUSES[code].next }),
    since: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
  }),
})

const LeaseEndType = builder.objectRef<LeaseEnd>('LeaseEnd').implement({
  description: 'Why a lease is over or never came to be, whose doing it was, and what to do next.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable.' }),
    culprit: t.exposeString('culprit'),
    why: t.exposeString('why'),
    next: t.exposeString('next'),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

const NoticeType = builder.objectRef<Notice>('LeaseNotice').implement({
  description: 'One side’s word that the lease is to end.',
  fields: (t) => ({
    by: t.field({ type: SideEnum, resolve: (notice) => notice.by }),
    code: t.exposeString('code', { description: 'Of the end that it comes to.' }),
    at: t.expose('at', { type: 'DateTime' }),
    endsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null: at once.',
      resolve: ({ endsAt }) => endsAt ?? null,
    }),
    withdrawn: t.boolean({ description: 'Taken back by who gave it.', resolve: ({ withdrawn }) => withdrawn ?? false }),
  }),
})

/** The newest proposal's user and key: shown before the machine is ready, and what must answer then. */
const pinned = (row: LeaseRow): ShellAddress | undefined => row.shell ?? row.terms?.shell

export const LeaseRef = builder.objectRef<LeaseRow>('Lease')
export const LeaseType = builder.node(LeaseRef, {
  description: 'A machine rented by a publisher from a provider, as this node sees it.',
  id: { resolve: (row) => row.id },
  loadOne: (id, { projector }) => projector.byId(leases, id),
  fields: (t) => ({
    leaseId: t.expose('id', { type: 'Hex' }),
    side: t.field({ type: SideEnum, resolve: (row) => row.side }),
    stage: t.field({ type: LeaseStageEnum, resolve: (row) => row.stage }),
    active: t.exposeBoolean('active', { description: 'Not over yet.' }),
    starved: t.exposeBoolean('starved', { description: 'The newest tick is unpaid: the machine stands still.' }),
    pauses: t.field({
      type: [LeasePauseType],
      description: 'Why the machine stands still by agreement, and only its disk is owed; empty: it does not.',
      resolve: (row) => row.pauses,
    }),
    announcementTxid: t.expose('announcement', { type: 'Hex' }),
    announcement: t.field({
      type: AnnouncementType,
      nullable: true,
      resolve: (row, _, { projector }) => projector.byId(announcements, row.announcement) ?? null,
    }),
    publisherKey: t.expose('publisherKey', { type: 'PublicKey' }),
    providerKey: t.field({
      type: 'PublicKey',
      nullable: true,
      description: 'Null until it is known.',
      resolve: (row) => row.providerKey || null,
    }),
    remote: t.exposeString('remote', { description: 'Address of the other side.' }),
    verdict: t.field({ type: VerdictType, nullable: true, resolve: (row) => row.verdict ?? null }),
    image: t.string({ nullable: true, resolve: (row) => row.terms?.image ?? null }),
    resources: t.field({ type: ResourcesType, nullable: true, resolve: (row) => row.terms?.resources ?? null }),
    isolation: t.field({ type: IsolationEnum, nullable: true, resolve: (row) => row.terms?.isolation ?? null }),
    network: t.field({ type: MachineNetworkEnum, nullable: true, resolve: (row) => row.terms?.machineNetwork ?? null }),
    price: t.field({
      type: PriceType,
      nullable: true,
      description: 'The newest proposal, then what was agreed.',
      resolve: (row) => row.terms?.price ?? null,
    }),
    hourlyMsat: t.expose('hourlyMsat', { type: 'Amount', description: 'Full use for an hour.' }),
    tickMs: t.int({ nullable: true, resolve: (row) => row.terms?.tickMs ?? null }),
    maxDurationS: t.float({
      nullable: true,
      resolve: (row) => (row.terms === undefined ? null : row.terms.maxDurationMs / 1_000),
    }),
    revision: t.int({
      description: 'How often its terms were changed while it ran.',
      resolve: (row) => row.terms?.revision?.number ?? 0,
    }),
    maxPauseS: t.float({
      nullable: true,
      description: 'The longest pause; null when none is agreed.',
      resolve: (row) => (row.terms?.maxPauseMs === undefined ? null : row.terms.maxPauseMs / 1_000),
    }),
    soughtAt: t.expose('soughtAt', { type: 'DateTime' }),
    agreedAt: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.agreedAt ?? null }),
    servingSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When machine and money were both there.',
      resolve: (row) => row.servingSince ?? null,
    }),
    tick: t.exposeInt('tick'),
    usage: t.expose('usage', { type: UsageType }),
    inside: t.field({
      type: InsideType,
      nullable: true,
      description: 'The newest; null before there is one.',
      resolve: (row) => row.inside ?? null,
    }),
    insideProblem: t.string({
      nullable: true,
      description: 'Why there is none, or no newer one: `not-agreed`, or what kept this node from reading.',
      resolve: (row) => (row.terms && row.terms.inside === undefined ? 'not-agreed' : (row.unread ?? null)),
    }),
    bill: t.field({
      type: [BillLineType],
      description: 'What was used, at which price; empty before there is one.',
      resolve: (row) => (row.terms === undefined ? [] : [...billUnder(row.terms, row.usage)]),
    }),
    owedMsat: t.expose('owedMsat', { type: 'Amount' }),
    paidSats: t.expose('paidSats', { type: 'Amount', description: 'Of the newest voucher.' }),
    capacitySats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'What is locked in its channels: the most that it can cost.',
      resolve: (row) => capacityOf(row) ?? null,
    }),
    forecast: t.field({
      type: ForecastType,
      nullable: true,
      description: 'When it ends if it goes on as it does; null while it does not run.',
      resolve: (row, _, context) => forecastOf(row, context) ?? null,
    }),
    toppedUpSats: t.expose('toppedUpSats', { type: 'Amount', description: 'Of that, what top-ups added.' }),
    channel: t.field({
      type: ChannelType,
      nullable: true,
      description: 'The first; those of top-ups are among `channels`, by their lease.',
      resolve: (row, _, { projector }) => projector.byId(channels, row.id) ?? null,
    }),
    shell: t.field({
      type: ShellType,
      nullable: true,
      description: 'Null while there is none to log in to, or when the lease is not this node’s to use.',
      resolve: async (row, _, { market }) => (row.shell === undefined ? null : ((await market.shell(row.id)) ?? null)),
    }),
    keyKept: t.boolean({
      description: 'This node keeps a key that its terms contain: /terminal opens its shell while it runs.',
      resolve: async (row, _, { market }) => (await market.terminals?.keyKept(row.id)) ?? false,
    }),
    shellHostKey: t.string({ nullable: true, resolve: (row) => pinned(row)?.hostKey ?? null }),
    notices: t.field({
      type: [NoticeType],
      description: 'The newest of each side.',
      resolve: (row) => [...row.notices],
    }),
    noticeMs: t.float({
      nullable: true,
      description: 'How long before it ends the lease by choice the provider agreed to say so.',
      resolve: (row) => (row.terms === undefined ? null : (row.terms.noticeMs ?? 0)),
    }),
    end: t.field({ type: LeaseEndType, nullable: true, resolve: (row) => row.end ?? null }),
    dataUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'After the end: until when its files can be read with scp, sftp or cat. Null before, and when none is kept.',
      resolve: (row) => dataUntil(row) ?? null,
    }),
    released: t.exposeBoolean('released', { description: 'The machine and its data are gone.' }),
    forgotten: t.exposeBoolean('forgotten', {
      description: 'Its personal fields are gone for good: `(forgotten)` stands where they were.',
    }),
    receipt: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Signed by both sides; can be checked without this node.',
      resolve: (row) => row.receipt ?? null,
    }),
    receiptFile: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The receipt with terms, vouchers and transactions: what `zennet receipt verify` checks without a node.',
      resolve: async (row, _, context) => (await receiptFileOf(context, row)) ?? null,
    }),
    fundingTxid: t.field({ type: 'Hex', nullable: true, resolve: (row) => row.funding?.txid ?? null }),
    settlementTxid: t.field({ type: 'Hex', nullable: true, resolve: (row) => row.settlement?.txid ?? null }),
    settlementHeight: t.int({ nullable: true, resolve: (row) => row.settlement?.height ?? null }),
    log: t.field({
      type: LogConnection,
      description: 'The facts of this lease.',
      args: logArgs,
      resolve: (row, args, context) => leaseLog(context, row.id, args),
    }),
    logins: t.field({
      type: LoginConnection,
      description: 'Who logged in to its machine, newest first; only on the provider’s node.',
      args: loginArgs,
      resolve: (row, { filter, orderBy, ...args }, context) =>
        pageOf(context, logins, args, {
          order: orderBy ?? { by: 'began', direction: 'DESCENDING' },
          where: { lease: row.id, ...whereLogin(filter) },
        }),
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
export const LeaseConnection = builder.connectionObject(
  { name: 'LeaseConnection', type: LeaseType },
  { name: 'LeaseEdge' },
)
