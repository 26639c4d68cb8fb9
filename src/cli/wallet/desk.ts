import { randomUUID } from 'node:crypto'
import { plainText } from '../../../domain/plain-text.ts'
import { readSecret } from '../ask.ts'
import { type ChangeFlags, changeBy } from '../change.ts'
import { feeRateCost } from '../fee-cost.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, printOne, printRows, printValue } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { showTime } from '../quantity.ts'

export type FeeFlags = { readonly feeRate?: number; readonly target?: number }

const feeOf = ({ feeRate, target }: FeeFlags) => ({ feeRate: feeRate ?? null, targetBlocks: target ?? null })

type Bumped = { readonly __typename: 'TransactionBumped'; readonly txid: string }

/** Prints the replacement, or the child. */
export const bump = async (
  txid: string,
  flags: NodeFlags & ChangeFlags & FeeFlags & { key?: string; output: Output },
): Promise<void> => {
  const input = { txid, idempotencyKey: flags.key ?? randomUUID(), ...feeOf(flags) }
  const client = connect(flags)
  const answer = await changeBy<{ bumpTransaction: Bumped | ProblemView }>(
    client,
    {
      document: `mutation($input: BumpInput!) { bumpTransaction(input: $input) {
        __typename ... on TransactionBumped { txid } ${PROBLEM_FIELDS} } }`,
      variables: { input },
      does: `raise the fee of the transaction ${plainText(txid)}`,
      costs: async () =>
        flags.feeRate === undefined
          ? await feeRateCost(client)
          : [['chain’s fee', `${flags.feeRate} sats a virtual byte of it and its child together`]],
      asks: true,
    },
    flags,
  )
  printValue('txid', doneOrFault(answer.bumpTransaction).txid, flags.output)
}

export const label = async (txid: string, words: string, flags: NodeFlags & ChangeFlags): Promise<void> => {
  const answer = await changeBy<{
    labelTransaction: { readonly __typename: 'TransactionLabelled' } | ProblemView
  }>(
    connect(flags),
    {
      document: `mutation($txid: Hex!, $label: String!) { labelTransaction(txid: $txid, label: $label) {
        __typename ${PROBLEM_FIELDS} } }`,
      variables: { txid, label: words },
      does: `label the transaction ${plainText(txid)}: ${plainText(words) || 'no words'}`,
    },
    flags,
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

export const lock = async (flags: NodeFlags & ChangeFlags): Promise<void> => {
  const answer = await changeBy<{ lockWallet: Locked | ProblemView }>(
    connect(flags),
    {
      document: `mutation { lockWallet { ${LOCK_FIELDS} } }`,
      variables: {},
      does: 'spend and sign nothing on request until the password is given',
    },
    flags,
  )
  doneOrFault(answer.lockWallet)
}

/** The password is typed, or comes on standard input, so that it stands in no list of processes. Prints until when. */
export const unlock = async (flags: NodeFlags & ChangeFlags & { for?: number; output: Output }): Promise<void> => {
  const client = connect(flags)
  // What is only shown needs no secret, and must not show one.
  const password = client.isShowing || flags.dryRun ? '…' : await readSecret('Password of the wallet', flags)
  const answer = await changeBy<{ unlockWallet: Locked | ProblemView }>(
    client,
    {
      document: `mutation($password: String!, $forMs: Int) { unlockWallet(password: $password, forMs: $forMs) { ${LOCK_FIELDS} } }`,
      variables: { password, forMs: flags.for ?? null },
      does: `let coins be spent for ${flags.for === undefined ? 'five minutes' : showTime(flags.for / 1_000)}`,
    },
    flags,
  )
  printValue('unlockedUntil', doneOrFault(answer.unlockWallet).unlockedUntil, flags.output)
}

type Psbt = { readonly __typename: 'PsbtMade'; readonly psbt: string; readonly signedInputs: number | null }
const PSBT_FIELDS = `__typename ... on PsbtMade { psbt signedInputs } ${PROBLEM_FIELDS}`

export const createPsbt = async (
  address: string,
  sats: bigint,
  flags: NodeFlags & FeeFlags & { psbtVersion: string; output: Output },
): Promise<void> => {
  const answer = await connect(flags).request<{ createPsbt: Psbt | ProblemView }>(
    `mutation($input: CreatePsbtInput!) { createPsbt(input: $input) { ${PSBT_FIELDS} } }`,
    { input: { address, sats, version: Number(flags.psbtVersion), ...feeOf(flags) } },
  )
  printValue('psbt', doneOrFault(answer.createPsbt).psbt, flags.output)
}

export const signPsbt = async (psbt: string, flags: NodeFlags & { output: Output }): Promise<void> => {
  const answer = await connect(flags).request<{ signPsbt: Psbt | ProblemView }>(
    `mutation($psbt: String!) { signPsbt(psbt: $psbt) { ${PSBT_FIELDS} } }`,
    { psbt },
  )
  printValue('psbt', doneOrFault(answer.signPsbt).psbt, flags.output)
}

export const combinePsbts = async (psbts: readonly string[], flags: NodeFlags & { output: Output }): Promise<void> => {
  const answer = await connect(flags).request<{ combinePsbts: Psbt | ProblemView }>(
    `mutation($psbts: [String!]!) { combinePsbts(psbts: $psbts) { ${PSBT_FIELDS} } }`,
    { psbts },
  )
  printValue('psbt', doneOrFault(answer.combinePsbts).psbt, flags.output)
}

type Finalized = { readonly __typename: 'PsbtFinalized'; readonly txid: string; readonly raw: string }

export const finalizePsbt = async (
  psbt: string,
  flags: NodeFlags & ChangeFlags & { broadcast?: true; output: Output },
): Promise<void> => {
  const answer = await changeBy<{ finalizePsbt: Finalized | ProblemView }>(
    connect(flags),
    {
      document: `mutation($psbt: String!, $broadcast: Boolean) { finalizePsbt(psbt: $psbt, broadcast: $broadcast) {
        __typename ... on PsbtFinalized { txid raw } ${PROBLEM_FIELDS} } }`,
      variables: { psbt, broadcast: flags.broadcast ?? false },
      does: flags.broadcast
        ? 'give the signed transaction to the chain'
        : 'put the signatures in place, and spend nothing',
      asks: flags.broadcast === true,
    },
    flags,
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
