import { Fault } from '../../../domain/fault.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { showNumber } from '../quantity.ts'
import { sats } from './show.ts'

type MovedView = {
  readonly txid: string
  readonly height: number
  readonly time: string
  readonly receivedSats: string
  readonly sentSats: string
}
type UnspentView = {
  readonly txid: string
  readonly vout: number
  readonly sats: string
  readonly height: number
  readonly coinbase: boolean
}
type Edges<T> = { readonly edges: readonly { readonly node: T }[] }
type AddressView = {
  readonly address: string
  readonly balanceSats: string
  readonly receivedSats: string
  readonly sentSats: string
  readonly transactionCount: number
  readonly unspentCount: number
  readonly transactions?: Edges<MovedView>
  readonly unspent?: Edges<UnspentView>
}

const TITLES: readonly Column<AddressView>[] = [
  ['address', (it) => it.address],
  ['has, sats', (it) => sats(it.balanceSats)],
  ['received', (it) => sats(it.receivedSats)],
  ['sent', (it) => sats(it.sentSats)],
  ['transactions', (it) => showNumber(it.transactionCount)],
  ['unspent outputs', (it) => showNumber(it.unspentCount)],
]
const MOVED: readonly Column<MovedView>[] = [
  ['BLOCK', (it) => it.height],
  ['TIME', (it) => it.time],
  ['SATS', (it) => signed(BigInt(it.receivedSats) - BigInt(it.sentSats))],
  ['TRANSACTION', (it) => it.txid],
]
const UNSPENT: readonly Column<UnspentView>[] = [
  ['BLOCK', (it) => it.height],
  ['SATS', (it) => sats(it.sats)],
  ['OUTPUT', (it) => `${it.txid}:${it.vout}`],
  ['', (it) => (it.coinbase ? 'mined' : ' ')],
]

const signed = (amount: bigint): string => `${amount > 0n ? '+' : ''}${showNumber(amount)}`

type Flags = NodeFlags & { readonly output: Output; readonly limit: number; readonly unspent?: true | undefined }

/** @throws Fault `not-found` */
export const showAddress = async (which: string, flags: Flags): Promise<void> => {
  const list = flags.unspent
    ? 'unspent(first: $first) { edges { node { txid vout sats height coinbase } } }'
    : 'transactions(first: $first) { edges { node { txid height time receivedSats sentSats } } }'
  const { address } = await connect(flags).request<{ address: AddressView | null }>(
    `query($address: String!, $first: Int!) {
      address(address: $address) { address balanceSats receivedSats sentSats transactionCount unspentCount ${list} }
    }`,
    { address: which, first: flags.limit },
  )
  if (address === null)
    throw new Fault('not-found', `no block of the chain names ${which}`, {
      culprit: 'you',
      next: 'Check the address; a payment that waits is in no block yet.',
    })
  const moved = address.transactions?.edges.map(({ node }) => node)
  const unspent = address.unspent?.edges.map(({ node }) => node)
  if (flags.output !== 'table') {
    printOne({ ...address, ...(moved && { transactions: moved }), ...(unspent && { unspent }) }, [], flags.output)
    return
  }
  printOne(address, TITLES, flags.output)
  print('')
  if (moved) printRows(moved, MOVED, flags.output)
  if (unspent) printRows(unspent, UNSPENT, flags.output)
}
