import { randomUUID } from 'node:crypto'
import { plainText } from '../../../domain/plain-text.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { showNumber } from '../quantity.ts'

type BalanceView = {
  readonly confirmedSats: string
  readonly unconfirmedSats: string
  readonly immatureSats: string
  readonly bondedSats: string
}

type AccountView = Omit<BalanceView, 'bondedSats'> & { readonly account: string; readonly reservedSats: string }

export const BALANCE_FIELDS = 'confirmedSats unconfirmedSats immatureSats bondedSats'

export const showBalance = async (flags: NodeFlags & { output: Output }): Promise<void> => {
  const { balance, balances } = await connect(flags).request<{
    balance: BalanceView
    balances: readonly AccountView[]
  }>(
    `{ balance { ${BALANCE_FIELDS} }
       balances { account confirmedSats unconfirmedSats immatureSats reservedSats } }`,
  )
  printOne(
    { ...balance, accounts: balances },
    [
      ['confirmed', (it) => showNumber(it.confirmedSats)],
      ['unconfirmed', (it) => showNumber(it.unconfirmedSats)],
      ['immature', (it) => showNumber(it.immatureSats)],
      ['in bonds', (it) => showNumber(it.bondedSats)],
      ...PURSES.map(
        ([title, ...accounts]): Column<{ accounts: readonly AccountView[] }> => [
          title,
          (it) => purse(it.accounts.filter(({ account }) => (accounts as readonly string[]).includes(account))),
        ],
      ),
    ],
    flags.output,
  )
}

/** What people call the accounts: what they spend from, who they are, what their leases are paid through. */
const PURSES = [
  ['spending', 'RECEIVE', 'CHANGE'],
  ['identity', 'IDENTITY'],
  ['channels', 'CHANNEL'],
] as const satisfies readonly (readonly [string, ...string[]])[]

const purse = (accounts: readonly AccountView[]): string => {
  const sum = (of: (it: AccountView) => string) => accounts.reduce((all, it) => all + BigInt(of(it)), 0n)
  const confirmed = sum((it) => it.confirmedSats)
  const rest = [
    ['unconfirmed', sum((it) => it.unconfirmedSats)],
    ['immature', sum((it) => it.immatureSats)],
    ['reserved', sum((it) => it.reservedSats)],
  ] as const
  const more = rest.flatMap(([name, sats]) => (sats === 0n ? [] : [`${showNumber(sats)} ${name}`]))
  return [showNumber(confirmed), ...more].join(', ')
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
