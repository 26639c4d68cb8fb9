import { randomUUID } from 'node:crypto'
import { Fault } from '../../../domain/fault.ts'
import { plainText } from '../../../domain/plain-text.ts'
import { isAnswerLost } from '../answer-lost.ts'
import { type ChangeFlags, type Cost, changeBy } from '../change.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printOne, printRows, printValue } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { showNumber } from '../quantity.ts'
import { WALLET_FEED } from '../watch/feeds.ts'
import { watchLive } from '../watch/live.ts'
import type { WatchFlags } from '../watch/options.ts'

type BalanceView = {
  readonly confirmedSats: string
  readonly unconfirmedSats: string
  readonly immatureSats: string
  readonly bondedSats: string
}

type AccountView = Omit<BalanceView, 'bondedSats'> & { readonly account: string; readonly reservedSats: string }

export const BALANCE_FIELDS = 'confirmedSats unconfirmedSats immatureSats bondedSats'

type BalancesView = BalanceView & { readonly accounts: readonly AccountView[] }

export const showBalance = async (flags: NodeFlags & WatchFlags & { output: Output }): Promise<void> => {
  const client = connect(flags)
  const read = async (atLeast?: string): Promise<BalancesView> => {
    const { balance, balances } = await client.request<{ balance: BalanceView; balances: readonly AccountView[] }>(
      `query($atLeast: Position) { balance(atLeast: $atLeast) { ${BALANCE_FIELDS} }
         balances(atLeast: $atLeast) { account confirmedSats unconfirmedSats immatureSats reservedSats } }`,
      { atLeast: atLeast ?? null },
    )
    return { ...balance, accounts: balances }
  }
  const fields: readonly Column<BalancesView>[] = [
    ['confirmed', (it) => showNumber(it.confirmedSats)],
    ['unconfirmed', (it) => showNumber(it.unconfirmedSats)],
    ['immature', (it) => showNumber(it.immatureSats)],
    ['in bonds', (it) => showNumber(it.bondedSats)],
    ...PURSES.map(
      ([title, ...accounts]): Column<BalancesView> => [
        title,
        (it) => purse(it.accounts.filter(({ account }) => (accounts as readonly string[]).includes(account))),
      ],
    ),
  ]
  if (!flags.watch) return printOne(await read(), fields, flags.output)
  await watchLive<BalancesView>(
    {
      client,
      document: WALLET_FEED,
      keyOf: () => 'balance',
      list: async (atLeast) => [await read(atLeast)],
      row: (_, atLeast) => read(atLeast),
      columns: fields.map(([title, cell]): Column<BalancesView> => [title.toUpperCase(), cell]),
      fields,
    },
    flags,
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

export const showAddress = async (flags: NodeFlags & { output: Output }): Promise<void> => {
  const { receiveAddress } = await connect(flags).request<{ receiveAddress: string }>('{ receiveAddress }')
  printValue('address', receiveAddress, flags.output)
}

type Sent = { readonly __typename: 'PaymentSent'; readonly txid: string }

export const send = async (
  address: string,
  sats: bigint,
  flags: NodeFlags & ChangeFlags & { feeRate?: number; target?: number; key?: string; output: Output },
): Promise<void> => {
  const input = {
    address,
    sats,
    idempotencyKey: flags.key ?? randomUUID(),
    feeRate: flags.feeRate ?? null,
    targetBlocks: flags.target ?? null,
  }
  const client = connect(flags)
  const answer = await changeBy<{ send: Sent | ProblemView }>(
    client,
    {
      document: `mutation($input: SendInput!) { send(input: $input) { __typename ... on PaymentSent { txid } ${PROBLEM_FIELDS} } }`,
      variables: { input },
      does: `send ${showNumber(sats)} sats to ${plainText(address)}`,
      costs: () => costsOf(client, input),
      asks: true,
    },
    flags,
  ).catch((error: unknown) => {
    throw repeatable(error, input.idempotencyKey)
  })
  printValue('txid', doneOrFault(answer.send).txid, flags.output)
}

/** Without an answer nobody knows whether it was paid: with the same key it is paid once. */
const repeatable = (error: unknown, key: string): unknown => {
  if (!isAnswerLost(error)) return error
  const { code, message, culprit, next, cause } = error
  const again = `It may be paid all the same. Repeat it with --key ${plainText(key)}: then it is paid once.`
  return new Fault(code, message, { culprit, next: `${next} ${again}`, cause })
}

type Unsigned = { readonly __typename: 'PsbtMade'; readonly feeSats: string | null }

/** By an unsigned payment, which reserves nothing: what the coins of now would cost. */
const costsOf = async (
  client: NodeClient,
  { address, sats, feeRate, targetBlocks }: Readonly<Record<string, unknown>> & { readonly sats: bigint },
): Promise<readonly Cost[]> => {
  const { createPsbt } = await client.lookUp<{ createPsbt: Unsigned | ProblemView }>(
    `mutation($input: CreatePsbtInput!) { createPsbt(input: $input) { __typename ... on PsbtMade { feeSats } ${PROBLEM_FIELDS} } }`,
    { input: { address, sats, feeRate, targetBlocks } },
  )
  const { feeSats } = doneOrFault(createPsbt)
  if (feeSats === null) return []
  return [
    ['fee', `${showNumber(feeSats)} sats, as the coins are now`],
    ['in all', `${showNumber(sats + BigInt(feeSats))} sats`],
  ]
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

export const showHistory = async (flags: NodeFlags & WatchFlags & { output: Output }): Promise<void> => {
  const client = connect(flags)
  const list = async (atLeast?: string): Promise<readonly HistoryView[]> => {
    const { walletHistory } = await client.request<{ walletHistory: { edges: readonly { node: HistoryView }[] } }>(
      `query($atLeast: Position) { walletHistory(first: 100, atLeast: $atLeast) {
        edges { node { txid at changeSats feeSats purpose height dropped label } } } }`,
      { atLeast: atLeast ?? null },
    )
    return walletHistory.edges.map(({ node }) => node)
  }
  if (!flags.watch) return printRows(await list(), HISTORY, flags.output)
  await watchLive<HistoryView>(
    {
      client,
      document: WALLET_FEED,
      keyOf: ({ txid }) => txid ?? undefined,
      list,
      row: async (txid, atLeast) => (await list(atLeast)).find((entry) => entry.txid === txid),
      columns: HISTORY,
    },
    flags,
  )
}
