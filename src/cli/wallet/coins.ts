import { randomUUID } from 'node:crypto'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { plainText } from '../plain-text.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { showNumber } from '../quantity.ts'

type BalanceView = {
  readonly confirmedSats: string
  readonly unconfirmedSats: string
  readonly immatureSats: string
  readonly bondedSats: string
}

export const BALANCE_FIELDS = 'confirmedSats unconfirmedSats immatureSats bondedSats'

export const showBalance = async (flags: NodeFlags & { output: Output }): Promise<void> => {
  const { balance } = await connect(flags).request<{ balance: BalanceView }>(`{ balance { ${BALANCE_FIELDS} } }`)
  printOne(
    balance,
    [
      ['confirmed', (it) => showNumber(it.confirmedSats)],
      ['unconfirmed', (it) => showNumber(it.unconfirmedSats)],
      ['immature', (it) => showNumber(it.immatureSats)],
      ['in bonds', (it) => showNumber(it.bondedSats)],
    ],
    flags.output,
  )
}

export const showAddress = async (flags: NodeFlags): Promise<void> => {
  const { receiveAddress } = await connect(flags).request<{ receiveAddress: string }>('{ receiveAddress }')
  print(plainText(receiveAddress))
}

type Sent = { readonly __typename: 'PaymentSent'; readonly txid: string }

export const send = async (
  address: string,
  sats: bigint,
  flags: NodeFlags & { feeRate?: number; target?: number; key?: string },
): Promise<void> => {
  const input = {
    address,
    sats,
    idempotencyKey: flags.key ?? randomUUID(),
    feeRate: flags.feeRate ?? null,
    targetBlocks: flags.target ?? null,
  }
  const answer = await connect(flags).request<{ send: Sent | ProblemView }>(
    `mutation($input: SendInput!) { send(input: $input) { __typename ... on PaymentSent { txid } ${PROBLEM_FIELDS} } }`,
    { input },
  )
  print(plainText(doneOrFault(answer.send).txid))
}

type HistoryView = {
  readonly txid: string
  readonly at: string
  readonly changeSats: string
  readonly feeSats: string | null
  readonly purpose: string | null
  readonly height: number | null
  readonly dropped: boolean
  readonly label: string | null
}

const HISTORY: readonly Column<HistoryView>[] = [
  ['AT', (it) => it.at],
  ['SATS', (it) => showNumber(it.changeSats)],
  ['FEE', (it) => it.feeSats && showNumber(it.feeSats)],
  ['FOR', (it) => it.purpose],
  ['BLOCK', (it) => (it.dropped ? 'dropped' : (it.height ?? 'waiting'))],
  ['TRANSACTION', (it) => it.txid],
  ['LABEL', (it) => it.label],
]

export const showHistory = async (flags: NodeFlags & { output: Output }): Promise<void> => {
  const { walletHistory } = await connect(flags).request<{
    walletHistory: { edges: readonly { node: HistoryView }[] }
  }>('{ walletHistory(first: 100) { edges { node { txid at changeSats feeSats purpose height dropped label } } } }')
  printRows(
    walletHistory.edges.map(({ node }) => node),
    HISTORY,
    flags.output,
  )
}
