import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { plainText } from '../../../domain/plain-text.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, print, printOne, printRows } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'

export type FeeFlags = { readonly feeRate?: number; readonly target?: number }

const feeOf = ({ feeRate, target }: FeeFlags) => ({ feeRate: feeRate ?? null, targetBlocks: target ?? null })

type Bumped = { readonly __typename: 'TransactionBumped'; readonly txid: string }

/** Prints the replacement, or the child. */
export const bump = async (txid: string, flags: NodeFlags & FeeFlags & { key?: string }): Promise<void> => {
  const input = { txid, idempotencyKey: flags.key ?? randomUUID(), ...feeOf(flags) }
  const answer = await connect(flags).request<{ bumpTransaction: Bumped | ProblemView }>(
    `mutation($input: BumpInput!) { bumpTransaction(input: $input) {
      __typename ... on TransactionBumped { txid } ${PROBLEM_FIELDS} } }`,
    { input },
  )
  print(plainText(doneOrFault(answer.bumpTransaction).txid))
}

export const label = async (txid: string, words: string, flags: NodeFlags): Promise<void> => {
  const answer = await connect(flags).request<{
    labelTransaction: { readonly __typename: 'TransactionLabelled' } | ProblemView
  }>(
    `mutation($txid: Hex!, $label: String!) { labelTransaction(txid: $txid, label: $label) {
      __typename ${PROBLEM_FIELDS} } }`,
    { txid, label: words },
  )
  doneOrFault(answer.labelTransaction)
}

export const showDescriptors = async (flags: NodeFlags & { output: Output }): Promise<void> => {
  const { walletDescriptors } = await connect(flags).request<{
    walletDescriptors: readonly { readonly account: string; readonly descriptor: string }[]
  }>('{ walletDescriptors { account descriptor } }')
  printRows(
    walletDescriptors,
    [
      ['ACCOUNT', (it) => it.account],
      ['DESCRIPTOR', (it) => it.descriptor],
    ],
    flags.output,
  )
}

type Locked = { readonly __typename: 'WalletLock'; readonly locked: boolean; readonly unlockedUntil: string | null }
const LOCK_FIELDS = `__typename ... on WalletLock { locked unlockedUntil } ${PROBLEM_FIELDS}`

export const lock = async (flags: NodeFlags): Promise<void> => {
  const answer = await connect(flags).request<{ lockWallet: Locked | ProblemView }>(
    `mutation { lockWallet { ${LOCK_FIELDS} } }`,
  )
  doneOrFault(answer.lockWallet)
}

/** The password comes on standard input, so that it stands in no list of processes. Prints until when. */
export const unlock = async (flags: NodeFlags & { for?: number }): Promise<void> => {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  const answer = await connect(flags).request<{ unlockWallet: Locked | ProblemView }>(
    `mutation($password: String!, $forMs: Int) { unlockWallet(password: $password, forMs: $forMs) { ${LOCK_FIELDS} } }`,
    { password, forMs: flags.for ?? null },
  )
  print(plainText(doneOrFault(answer.unlockWallet).unlockedUntil))
}

type Psbt = { readonly __typename: 'PsbtMade'; readonly psbt: string; readonly signedInputs: number | null }
const PSBT_FIELDS = `__typename ... on PsbtMade { psbt signedInputs } ${PROBLEM_FIELDS}`

export const createPsbt = async (
  address: string,
  sats: bigint,
  flags: NodeFlags & FeeFlags & { psbtVersion: string },
): Promise<void> => {
  const answer = await connect(flags).request<{ createPsbt: Psbt | ProblemView }>(
    `mutation($input: CreatePsbtInput!) { createPsbt(input: $input) { ${PSBT_FIELDS} } }`,
    { input: { address, sats, version: Number(flags.psbtVersion), ...feeOf(flags) } },
  )
  print(plainText(doneOrFault(answer.createPsbt).psbt))
}

export const signPsbt = async (psbt: string, flags: NodeFlags): Promise<void> => {
  const answer = await connect(flags).request<{ signPsbt: Psbt | ProblemView }>(
    `mutation($psbt: String!) { signPsbt(psbt: $psbt) { ${PSBT_FIELDS} } }`,
    { psbt },
  )
  print(plainText(doneOrFault(answer.signPsbt).psbt))
}

export const combinePsbts = async (psbts: readonly string[], flags: NodeFlags): Promise<void> => {
  const answer = await connect(flags).request<{ combinePsbts: Psbt | ProblemView }>(
    `mutation($psbts: [String!]!) { combinePsbts(psbts: $psbts) { ${PSBT_FIELDS} } }`,
    { psbts },
  )
  print(plainText(doneOrFault(answer.combinePsbts).psbt))
}

type Finalized = { readonly __typename: 'PsbtFinalized'; readonly txid: string; readonly raw: string }

export const finalizePsbt = async (
  psbt: string,
  flags: NodeFlags & { broadcast?: true; output: Output },
): Promise<void> => {
  const answer = await connect(flags).request<{ finalizePsbt: Finalized | ProblemView }>(
    `mutation($psbt: String!, $broadcast: Boolean) { finalizePsbt(psbt: $psbt, broadcast: $broadcast) {
      __typename ... on PsbtFinalized { txid raw } ${PROBLEM_FIELDS} } }`,
    { psbt, broadcast: flags.broadcast ?? false },
  )
  const { txid, raw } = doneOrFault(answer.finalizePsbt)
  printOne(
    { txid, raw },
    [
      ['txid', (it) => it.txid],
      ['raw', (it) => it.raw],
    ],
    flags.output,
  )
}
