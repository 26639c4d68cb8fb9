import { plainText } from '../../../domain/plain-text.ts'
import { type ChangeFlags, changeBy } from '../change.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, printOne, printRows } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { showNumber } from '../quantity.ts'

type AddressView = {
  readonly address: string
  readonly account: string
  readonly index: number
  readonly receivedSats: string
  readonly unspentSats: string
  readonly label: string | null
}

export const showAddresses = async (flags: NodeFlags & { output: Output }): Promise<void> => {
  const { walletAddresses } = await connect(flags).request<{ walletAddresses: readonly AddressView[] }>(
    '{ walletAddresses { address account index receivedSats unspentSats label } }',
  )
  printRows(
    walletAddresses,
    [
      ['ADDRESS', (it) => it.address],
      ['ACCOUNT', (it) => `${it.account.toLowerCase()} ${it.index}`],
      ['RECEIVED', (it) => showNumber(it.receivedSats)],
      ['UNSPENT', (it) => showNumber(it.unspentSats)],
      ['LABEL', (it) => it.label],
    ],
    flags.output,
  )
}

export const labelAddress = async (address: string, words: string, flags: NodeFlags & ChangeFlags): Promise<void> => {
  const answer = await changeBy<{
    labelAddress: { readonly __typename: 'AddressLabelled' } | ProblemView
  }>(
    connect(flags),
    {
      document: `mutation($address: String!, $label: String!) { labelAddress(address: $address, label: $label) {
        __typename ${PROBLEM_FIELDS} } }`,
      variables: { address, label: words },
      does: `label the address ${plainText(address)}: ${plainText(words) || 'no words'}`,
    },
    flags,
  )
  doneOrFault(answer.labelAddress)
}

type Side = { readonly sats: string | null; readonly address: string | null; readonly own: boolean }
type Decoded = {
  readonly __typename: 'PsbtDecoded'
  readonly version: number
  readonly txid: string
  readonly feeSats: string | null
  readonly inputs: readonly (Side & { readonly txid: string; readonly vout: number; readonly signed: boolean })[]
  readonly outputs: readonly Side[]
}

const line = ({ sats, address, own }: Side): string =>
  `${sats === null ? 'unknown' : `${showNumber(sats)} sats`}, ${address ?? 'no address'}${own ? ', yours' : ''}`

export const decodePsbt = async (psbt: string, flags: NodeFlags & { output: Output }): Promise<void> => {
  const answer = await connect(flags).request<{ decodePsbt: Decoded | ProblemView }>(
    `query($psbt: String!) { decodePsbt(psbt: $psbt) { __typename ... on PsbtDecoded { version txid feeSats
      inputs { txid vout sats address own signed } outputs { sats address own } } ${PROBLEM_FIELDS} } }`,
    { psbt },
  )
  const decoded = doneOrFault(answer.decodePsbt)
  printOne(
    decoded,
    [
      ['version', (it) => it.version],
      ['txid', (it) => it.txid],
      ['fee', (it) => it.feeSats && `${showNumber(it.feeSats)} sats`],
      ...decoded.inputs.map((input): readonly [string, () => string] => [
        'spends',
        () => `${line(input)}, ${input.signed ? 'signed' : 'not signed'}`,
      ]),
      ...decoded.outputs.map((output): readonly [string, () => string] => ['pays', () => line(output)]),
    ],
    flags.output,
  )
}
