import { z } from 'zod'
import type { Done, Problem, WalletDesk } from '../port.ts'
import { isProblem, problemOf } from '../problem.ts'
import { explain } from '../rent-request.ts'
import { builder } from './builder.ts'
import { command } from './command.ts'
import type { ApiContext } from './context.ts'
import { resultType } from './problem-type.ts'
import { KEY_DESCRIPTION } from './request-input.ts'
import { FeeChoice, LockStateType, Payment, READS_ONLY } from './wallet-types.ts'

type DoneOf<K extends keyof WalletDesk> = Exclude<
  Awaited<ReturnType<Extract<WalletDesk[K], (...args: never[]) => unknown>>>,
  Problem
>

const atDesk = async <T extends object>(
  { market }: ApiContext,
  act: (desk: WalletDesk) => Promise<T | Problem>,
): Promise<T | Problem> => (market.desk === undefined ? READS_ONLY : act(market.desk))

const Txid = z.string().regex(/^[0-9a-f]{64}$/, 'expected a txid: 64 hex digits')
const Label = z.string().max(1_000)

/** What is not there is left out. */
const given = (fee: {
  readonly feeRate?: number | null | undefined
  readonly targetBlocks?: number | null | undefined
}) => ({
  ...(fee.feeRate == null ? {} : { feeRate: fee.feeRate }),
  ...(fee.targetBlocks == null ? {} : { targetBlocks: fee.targetBlocks }),
})

const checked = <T>(schema: z.ZodType<T>, value: unknown): T | Problem => {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : problemOf('api.bad-input', explain(parsed.error))
}

const BumpedType = builder.objectRef<DoneOf<'bump'>>('TransactionBumped').implement({
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex', description: 'Of the replacement, or of the child.' }),
    feeSats: t.expose('feeSats', { type: 'Amount' }),
    replaces: t.field({
      type: 'Hex',
      nullable: true,
      description: 'What it stands in for; null when it is a child.',
      resolve: ({ replaces }) => replaces ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const LabelledType = builder.objectRef<DoneOf<'label'>>('TransactionLabelled').implement({
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    label: t.exposeString('label'),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const PsbtType = builder.objectRef<Done<{ psbt: string; feeSats?: bigint; signed?: number }>>('PsbtMade').implement({
  description: 'A partially signed transaction (BIP 174, or BIP 370).',
  fields: (t) => ({
    psbt: t.exposeString('psbt', { description: 'Base64.' }),
    feeSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Of one that was made here.',
      resolve: ({ feeSats }) => feeSats ?? null,
    }),
    signedInputs: t.int({
      nullable: true,
      description: 'How many inputs were signed just now.',
      resolve: ({ signed }) => signed ?? null,
    }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const FinalizedType = builder.objectRef<DoneOf<'finalizePsbt'>>('PsbtFinalized').implement({
  fields: (t) => ({
    psbt: t.exposeString('psbt', { description: 'Base64.' }),
    txid: t.expose('txid', { type: 'Hex' }),
    raw: t.expose('raw', { type: 'Hex', description: 'The signed transaction.' }),
    broadcast: t.exposeBoolean('broadcast', { description: 'Whether the chain has it.' }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const BumpResult = resultType('BumpResult', BumpedType)
const LabelResult = resultType('LabelResult', LabelledType)
const PsbtResult = resultType('PsbtResult', PsbtType)
const FinalizeResult = resultType('FinalizePsbtResult', FinalizedType)
const LockResult = resultType('WalletLockResult', LockStateType)

const BumpInput = builder.inputType('BumpInput', {
  fields: (t) => ({
    txid: t.field({ type: 'Hex', required: true }),
    feeRate: t.float({ description: 'Sats per virtual byte, of it and its child together; the estimate when absent.' }),
    targetBlocks: t.int({ description: 'The estimate to be in a block within so many.' }),
    idempotencyKey: t.string({ required: true, description: KEY_DESCRIPTION }),
  }),
})
const CreatePsbtInput = builder.inputType('CreatePsbtInput', {
  fields: (t) => ({
    address: t.string({ required: true }),
    sats: t.field({ type: 'Amount', required: true }),
    feeRate: t.float({ description: 'Sats per virtual byte; the estimate when absent.' }),
    targetBlocks: t.int({ description: 'The estimate to be in a block within so many.' }),
    version: t.int({ description: '0, the default (BIP 174), or 2 (BIP 370).' }),
  }),
})

const bump = (context: ApiContext, input: typeof BumpInput.$inferInput) => {
  const txid = checked(Txid, input.txid)
  const choice = checked(FeeChoice, given(input))
  if (isProblem(txid)) return Promise.resolve(txid)
  if (isProblem(choice)) return Promise.resolve(choice)
  return atDesk(context, (desk) => desk.bump(txid as string, choice as z.infer<typeof FeeChoice>))
}

const PsbtPayment = z.strictObject({ ...Payment.shape, version: z.literal([0, 2]) })

const createPsbt = (context: ApiContext, { address, sats, version, ...fee }: typeof CreatePsbtInput.$inferInput) => {
  const payment = checked(PsbtPayment, { address, sats, version: version ?? 0, ...given(fee) })
  return isProblem(payment)
    ? Promise.resolve(payment)
    : atDesk(context, (desk) => desk.createPsbt(payment as z.infer<typeof PsbtPayment>))
}

const label = (context: ApiContext, txid: string, text: string) => {
  const wrong = [checked(Txid, txid), checked(Label, text)].find(isProblem)
  return wrong ? Promise.resolve(wrong) : atDesk(context, (desk) => desk.label(txid, text))
}

builder.mutationFields((t) => ({
  bumpTransaction: t.field({
    type: BumpResult,
    description: 'Raises the fee of a transaction that waits: by a replacement of it, or by a child.',
    args: { input: t.arg({ type: BumpInput, required: true }) },
    resolve: (_, { input }, context) => command(context, 'bumpTransaction', input, () => bump(context, input)),
  }),
  labelTransaction: t.field({
    type: LabelResult,
    description: 'The owner’s own words for a transaction of the wallet; an empty text takes them away.',
    args: { txid: t.arg({ type: 'Hex', required: true }), label: t.arg.string({ required: true }) },
    resolve: (_, args, context) => label(context, args.txid, args.label),
  }),
  createPsbt: t.field({
    type: PsbtResult,
    description: 'An unsigned payment from the wallet. Reserves nothing.',
    args: { input: t.arg({ type: CreatePsbtInput, required: true }) },
    resolve: (_, { input }, context) => createPsbt(context, input),
  }),
  signPsbt: t.field({
    type: PsbtResult,
    description: 'Signs what is the wallet’s, when what it says of the wallet’s coins is true.',
    args: { psbt: t.arg.string({ required: true }) },
    resolve: (_, { psbt }, context) => atDesk(context, (desk) => desk.signPsbt(psbt)),
  }),
  combinePsbts: t.field({
    type: PsbtResult,
    description: 'What several parties signed, in one.',
    args: { psbts: t.arg.stringList({ required: true }) },
    resolve: (_, { psbts }, context) => atDesk(context, (desk) => desk.combinePsbts(psbts)),
  }),
  finalizePsbt: t.field({
    type: FinalizeResult,
    description: 'The signed transaction, checked; given to the chain when asked.',
    args: {
      psbt: t.arg.string({ required: true }),
      broadcast: t.arg.boolean({ required: false, description: 'Default false.' }),
    },
    resolve: (_, { psbt, broadcast }, context) =>
      atDesk(context, (desk) => desk.finalizePsbt(psbt, broadcast ?? false)),
  }),
  lockWallet: t.field({
    type: LockResult,
    description: 'From now on nothing is spent or signed on request; leases that run go on.',
    resolve: (_, __, context) => atDesk(context, (desk) => desk.lock()),
  }),
  unlockWallet: t.field({
    type: LockResult,
    description: 'Lets coins be spent for a while, five minutes when nothing else is said.',
    args: {
      password: t.arg.string({ required: true, description: 'Of the keystore.' }),
      forMs: t.arg.int({ required: false }),
    },
    resolve: (_, { password, forMs }, context) => atDesk(context, (desk) => desk.unlock(password, forMs ?? undefined)),
  }),
}))
