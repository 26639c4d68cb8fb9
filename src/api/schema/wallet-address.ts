import { z } from 'zod'
import type { Done, Problem, PsbtText, WalletAddress } from '../port.ts'
import { problemOf } from '../problem.ts'
import { explain } from '../rent-request.ts'
import { builder } from './builder.ts'
import type { ApiContext } from './context.ts'
import { AccountEnum } from './node-types.ts'
import { resultType } from './problem-type.ts'
import { READS_ONLY } from './wallet-types.ts'

const AddressType = builder.objectRef<WalletAddress>('WalletAddress').implement({
  description: 'An address of the wallet that was given out, paid or labelled.',
  fields: (t) => ({
    address: t.exposeString('address'),
    account: t.expose('account', { type: AccountEnum }),
    index: t.exposeInt('index', { description: 'Its place in the account.' }),
    receivedSats: t.expose('receivedSats', { type: 'Amount', description: 'All that was ever paid to it.' }),
    unspentSats: t.expose('unspentSats', { type: 'Amount' }),
    label: t.string({ nullable: true, resolve: ({ label }) => label ?? null }),
    position: t.field({
      type: 'Position',
      description: 'Of the rows when it was asked.',
      resolve: (_, __, { projector }) => projector.position(),
    }),
  }),
})

const LabelledType = builder.objectRef<Done<{ address: string; label: string }>>('AddressLabelled').implement({
  fields: (t) => ({
    address: t.exposeString('address'),
    label: t.exposeString('label'),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const InputType = builder.objectRef<PsbtText['inputs'][number]>('PsbtInput').implement({
  fields: (t) => ({
    txid: t.expose('txid', { type: 'Hex' }),
    vout: t.exposeInt('vout'),
    sats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'As the PSBT says; null when it does not.',
      resolve: ({ sats }) => sats ?? null,
    }),
    address: t.string({ nullable: true, resolve: ({ address }) => address ?? null }),
    own: t.exposeBoolean('own', { description: 'A key of this wallet can sign it.' }),
    signed: t.exposeBoolean('signed'),
  }),
})
const OutputType = builder.objectRef<PsbtText['outputs'][number]>('PsbtOutput').implement({
  fields: (t) => ({
    sats: t.expose('sats', { type: 'Amount' }),
    address: t.string({
      nullable: true,
      description: 'Null when its script has none.',
      resolve: (it) => it.address ?? null,
    }),
    own: t.exposeBoolean('own', { description: 'It pays this wallet.' }),
  }),
})
const DecodedType = builder.objectRef<Done<PsbtText>>('PsbtDecoded').implement({
  description: 'What a partially signed transaction says.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: '0: BIP 174, 2: BIP 370.' }),
    txid: t.expose('txid', { type: 'Hex' }),
    feeSats: t.field({
      type: 'Amount',
      nullable: true,
      description: 'Null while an input does not say what it spends.',
      resolve: ({ feeSats }) => feeSats ?? null,
    }),
    inputs: t.field({ type: [InputType], resolve: ({ inputs }) => [...inputs] }),
    outputs: t.field({ type: [OutputType], resolve: ({ outputs }) => [...outputs] }),
    position: t.expose('position', { type: 'Position' }),
  }),
})
const DecodeResult = resultType('DecodePsbtResult', DecodedType)
const LabelResult = resultType('LabelAddressResult', LabelledType)

const Label = z.strictObject({ address: z.string().min(1).max(120), label: z.string().max(1_000) })

const label = async ({ market }: ApiContext, given: { address: string; label: string }) => {
  const parsed = Label.safeParse(given)
  if (!parsed.success) return problemOf('api.bad-input', explain(parsed.error))
  return market.desk?.labelAddress(given.address, given.label) ?? READS_ONLY
}

builder.queryFields((t) => ({
  walletAddresses: t.field({
    type: [AddressType],
    description: 'Addresses of the wallet, by account, the newest first; none where the log is only read.',
    resolve: async (_, __, { market }) => [...((await market.desk?.addresses()) ?? [])],
  }),
  decodePsbt: t.field({
    type: DecodeResult,
    description: 'Reads a partially signed transaction; nothing is signed.',
    args: { psbt: t.arg.string({ required: true }) },
    resolve: async (_, { psbt }, { market }): Promise<Done<PsbtText> | Problem> =>
      market.desk?.decodePsbt(psbt) ?? READS_ONLY,
  }),
}))

builder.mutationFields((t) => ({
  labelAddress: t.field({
    type: LabelResult,
    description: 'The owner’s own words for an address of the wallet; an empty text takes them away.',
    args: { address: t.arg.string({ required: true }), label: t.arg.string({ required: true }) },
    resolve: (_, args, context) => label(context, args),
  }),
}))
