import { z } from 'zod'
import { type AnnouncementRow, announcements } from '../../../projections/announcements.ts'
import { type LeaseRow, leases } from '../../../projections/leases.ts'
import type { Done, Problem } from '../port.ts'
import { isProblem, problemOf } from '../problem.ts'
import { explain, type RawRequest, readRequest } from '../rent-request.ts'
import { AnnouncementType } from './announcement-type.ts'
import { builder } from './builder.ts'
import { command } from './command.ts'
import type { ApiContext } from './context.ts'
import { untilFresh } from './fresh.ts'
import { LeaseType } from './lease-type.ts'
import { resultType } from './problem-type.ts'
import { DEFAULT_WAIT_MS, KEY_DESCRIPTION, PostAnnouncementInput, RentInput } from './request-input.ts'
import { Payment } from './wallet-types.ts'

type Posted = Done<{ txid: string }>
type Withdrawn = Done<{ txid: string; withdrawalTxid: string }>
type Stopped = Done<{ leaseId: string }>
type ToppedUp = Done<{ leaseId: string }>

/** Reads the own write: waits until the rows contain it. */
const announcementOf = async (done: Posted, context: ApiContext): Promise<AnnouncementRow | null> => {
  await untilFresh(context, done.position, announcements.name)
  return context.projector.byId(announcements, done.txid) ?? null
}

const leaseOf = async (done: Stopped, context: ApiContext): Promise<LeaseRow | null> => {
  await untilFresh(context, done.position, leases.name)
  return context.projector.byId(leases, done.leaseId) ?? null
}

const PostedType = builder.objectRef<Posted>('AnnouncementPosted').implement({
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    announcement: t.field({
      type: AnnouncementType,
      nullable: true,
      resolve: (done, _, context) => announcementOf(done, context),
    }),
    position: t.expose('position', { type: 'Position', description: 'From where the effect can be read.' }),
  }),
})
const WithdrawnType = builder.objectRef<Withdrawn>('AnnouncementWithdrawn').implement({
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    withdrawalTxid: t.expose('withdrawalTxid', { type: 'Hex', description: 'Spends the bond back.' }),
    announcement: t.field({
      type: AnnouncementType,
      nullable: true,
      resolve: (done, _, context) => announcementOf(done, context),
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const StoppedType = builder.objectRef<Stopped>('LeaseStopped').implement({
  description: 'What was said of the end is written down; `lease.notices` has it.',
  fields: (t) => ({
    leaseId: t.expose('leaseId', { type: 'Hex' }),
    lease: t.field({ type: LeaseType, nullable: true, resolve: (done, _, context) => leaseOf(done, context) }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const ToppedUpType = builder.objectRef<ToppedUp>('LeaseTopUpAsked').implement({
  description: 'The top-up is written down; the lease’s events tell when it is funded, or why it is not.',
  fields: (t) => ({
    leaseId: t.expose('leaseId', { type: 'Hex' }),
    lease: t.field({ type: LeaseType, nullable: true, resolve: (done, _, context) => leaseOf(done, context) }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const PausedType = builder.objectRef<Done<{ leaseId: string }>>('LeasePauseAsked').implement({
  description: 'It is written down; the lease’s events tell when the machine stands still, or goes on.',
  fields: (t) => ({
    leaseId: t.expose('leaseId', { type: 'Hex' }),
    lease: t.field({ type: LeaseType, nullable: true, resolve: (done, _, context) => leaseOf(done, context) }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const SentType = builder.objectRef<Done<{ txid: string }>>('PaymentSent').implement({
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const PostResult = resultType('PostAnnouncementResult', PostedType)
const WithdrawResult = resultType('WithdrawAnnouncementResult', WithdrawnType)
const StopResult = resultType('StopLeaseResult', StoppedType)
const TopUpResult = resultType('TopUpLeaseResult', ToppedUpType)
const PauseResult = resultType('PauseLeaseResult', PausedType)
const SendResult = resultType('SendResult', SentType)

const InMs = z.int().min(0).optional()
const Wait = z.int().min(1_000).max(86_400_000)
const post = async (
  { market }: ApiContext,
  raw: RawRequest & { readonly idempotencyKey: string },
  giveUpAt?: number,
): Promise<Posted | Problem> => {
  const { idempotencyKey, ...fields } = raw
  const request = readRequest(fields, giveUpAt)
  return isProblem(request) ? request : market.postAnnouncement(request, idempotencyKey)
}

type SendRequest = {
  readonly address: string
  readonly sats: bigint
  readonly feeRate?: number | null | undefined
  readonly targetBlocks?: number | null | undefined
  readonly idempotencyKey: string
}

const pay = async ({ market }: ApiContext, { idempotencyKey, feeRate, targetBlocks, ...rest }: SendRequest) => {
  const fee = { ...(feeRate == null ? {} : { feeRate }), ...(targetBlocks == null ? {} : { targetBlocks }) }
  const payment = Payment.safeParse({ ...rest, ...fee })
  if (!payment.success) return problemOf('api.bad-input', explain(payment.error))
  return market.send(payment.data, idempotencyKey)
}

const WithdrawInput = builder.inputType('WithdrawAnnouncementInput', {
  fields: (t) => ({
    txid: t.field({ type: 'Hex', required: true }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})
const StopInput = builder.inputType('StopLeaseInput', {
  fields: (t) => ({
    leaseId: t.field({ type: 'Hex', required: true }),
    inMs: t.int({
      description:
        'When it is to end, ms from now. Absent: at once, or of a provider after the notice that it agreed to give.',
    }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})
const WithdrawNoticeInput = builder.inputType('WithdrawNoticeInput', {
  fields: (t) => ({
    leaseId: t.field({ type: 'Hex', required: true }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})
const PauseInput = builder.inputType('PauseLeaseInput', {
  fields: (t) => ({
    leaseId: t.field({ type: 'Hex', required: true }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})
const TopUpInput = builder.inputType('TopUpLeaseInput', {
  fields: (t) => ({
    leaseId: t.field({ type: 'Hex', required: true }),
    sats: t.field({ type: 'Amount', required: true, description: 'Locked beside what the lease has, 2,000 or more.' }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})
const SendInput = builder.inputType('SendInput', {
  fields: (t) => ({
    address: t.string({ required: true }),
    sats: t.field({ type: 'Amount', required: true }),
    feeRate: t.float({ description: 'Sats per virtual byte; the node’s estimate when absent.' }),
    targetBlocks: t.int({ description: 'The estimate to be in a block within so many.' }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})

builder.mutationType({
  fields: (t) => ({
    postAnnouncement: t.field({
      type: PostResult,
      description: 'Puts an announcement on the chain and rents from the best who answer, until it expires.',
      args: { input: t.arg({ type: PostAnnouncementInput, required: true }) },
      resolve: (_, { input }, context) => command(context, 'postAnnouncement', input, () => post(context, input)),
    }),
    rent: t.field({
      type: PostResult,
      description: 'Like postAnnouncement, and gives up: when nobody agreed within waitMs, it is withdrawn.',
      args: { input: t.arg({ type: RentInput, required: true }) },
      resolve: (_, { input }, context) =>
        command(context, 'rent', input, async () => {
          const { waitMs, ...raw } = input
          const wait = Wait.safeParse(waitMs ?? DEFAULT_WAIT_MS)
          if (!wait.success) return problemOf('api.bad-input', `waitMs: ${explain(wait.error)}`)
          return post(context, raw, context.clock.now() + wait.data)
        }),
    }),
    withdrawAnnouncement: t.field({
      type: WithdrawResult,
      description: 'Takes the bond back: no new lease comes of it; those that run go on.',
      args: { input: t.arg({ type: WithdrawInput, required: true }) },
      resolve: (_, { input }, context) =>
        command(context, 'withdrawAnnouncement', input, () => context.market.withdrawAnnouncement(input.txid)),
    }),
    stopLease: t.field({
      type: StopResult,
      description: 'Asks for the end of a lease: what was used is paid, the rest comes back.',
      args: { input: t.arg({ type: StopInput, required: true }) },
      resolve: (_, { input }, context) =>
        command(context, 'stopLease', input, async () => {
          const inMs = InMs.safeParse(input.inMs ?? undefined)
          if (!inMs.success) return problemOf('api.bad-input', `inMs: ${explain(inMs.error)}`)
          return context.market.stopLease(input.leaseId, inMs.data)
        }),
    }),
    withdrawNotice: t.field({
      type: StopResult,
      description: 'Takes back an end that this side has announced for later: the lease goes on.',
      args: { input: t.arg({ type: WithdrawNoticeInput, required: true }) },
      resolve: (_, { input }, context) =>
        command(context, 'withdrawNotice', input, () => context.market.withdrawNotice(input.leaseId)),
    }),
    pauseLease: t.field({
      type: PauseResult,
      description:
        'Lets a lease’s machine stand still: only its disk is owed, until resumeLease or the longest pause agreed.',
      args: { input: t.arg({ type: PauseInput, required: true }) },
      resolve: (_, { input }, context) =>
        command(context, 'pauseLease', input, () => context.market.pauseLease(input.leaseId, true)),
    }),
    resumeLease: t.field({
      type: PauseResult,
      description: 'Takes this side’s pause back.',
      args: { input: t.arg({ type: PauseInput, required: true }) },
      resolve: (_, { input }, context) =>
        command(context, 'resumeLease', input, () => context.market.pauseLease(input.leaseId, false)),
    }),
    topUpLease: t.field({
      type: TopUpResult,
      description: 'Adds coin to a lease that runs: a channel beside the first, once the provider agrees.',
      args: { input: t.arg({ type: TopUpInput, required: true }) },
      resolve: (_, { input }, context) =>
        command(context, 'topUpLease', input, () =>
          context.market.topUpLease(input.leaseId, input.sats, input.idempotencyKey),
        ),
    }),
    send: t.field({
      type: SendResult,
      description: 'Pays an address from the wallet.',
      args: { input: t.arg({ type: SendInput, required: true }) },
      resolve: (_, { input }, context) => command(context, 'send', input, () => pay(context, input)),
    }),
  }),
})
