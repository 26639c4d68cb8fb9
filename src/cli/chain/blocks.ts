import { Fault } from '../../../domain/fault.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { showNumber } from '../quantity.ts'
import { CHAIN_FEED } from '../watch/feeds.ts'
import { watchLive } from '../watch/live.ts'
import type { WatchFlags } from '../watch/options.ts'
import { rate, sats } from './show.ts'

type Flags = NodeFlags & WatchFlags & { readonly output: Output }
type BlockView = {
  readonly hash: string
  readonly height: number
  readonly previous: string
  readonly time: string
  readonly transactionCount: number
  readonly outputSats: string
  readonly virtualSize: number
  readonly sizeBytes: number | null
  readonly weight: number | null
  readonly subsidySats: string | null
  readonly feeSats: string | null
}
const FIELDS = `hash height previous time transactionCount outputSats virtualSize sizeBytes weight subsidySats feeSats`

const TITLES: readonly Column<BlockView>[] = [
  ['height', (it) => showNumber(it.height)],
  ['hash', (it) => it.hash],
  ['previous', (it) => it.previous],
  ['time', (it) => it.time],
  ['transactions', (it) => showNumber(it.transactionCount)],
  ['outputs, sats', (it) => sats(it.outputSats)],
  ['fees, sats', (it) => sats(it.feeSats)],
  ['subsidy, sats', (it) => sats(it.subsidySats)],
  ['weight', (it) => it.weight && `${showNumber(it.weight)} of 4,000,000`],
  ['bytes', (it) => it.sizeBytes && showNumber(it.sizeBytes)],
]
const COLUMNS: readonly Column<BlockView>[] = [
  ['HEIGHT', (it) => it.height],
  ['TIME', (it) => it.time],
  ['TRANSACTIONS', (it) => showNumber(it.transactionCount)],
  ['SATS', (it) => sats(it.outputSats)],
  ['FEES', (it) => sats(it.feeSats)],
  ['WEIGHT', (it) => it.weight && showNumber(it.weight)],
  ['HASH', (it) => it.hash],
]

type Edges<T> = { readonly edges: readonly { readonly node: T }[] }
const nodes = <T>({ edges }: Edges<T>): T[] => edges.map(({ node }) => node)

const newest = async (client: NodeClient, first: number, atLeast?: string): Promise<BlockView[]> => {
  const { blocks } = await client.request<{ blocks: Edges<BlockView> }>(
    `query($first: Int!, $atLeast: Position) { blocks(first: $first, atLeast: $atLeast) { edges { node { ${FIELDS} } } } }`,
    { first, atLeast: atLeast ?? null },
  )
  return nodes(blocks)
}

const BLOCK = `query($hash: Hex!, $atLeast: Position) { block(hash: $hash, atLeast: $atLeast) { ${FIELDS} } }`

/** Blocks as they come; one that was left again is not told. */
const watchBlocks = (client: NodeClient, first: number, flags: Flags): Promise<void> =>
  watchLive<BlockView>(
    {
      client,
      document: CHAIN_FEED,
      keyOf: ({ hash }) => hash ?? undefined,
      list: (atLeast) => newest(client, first, atLeast),
      row: async (hash, atLeast) =>
        (await client.request<{ block: BlockView | null }>(BLOCK, { hash, atLeast })).block ?? undefined,
      columns: COLUMNS,
      ...(first === 1 ? { fields: TITLES } : {}),
    },
    flags,
  )

const noBlock = (what: string): Fault =>
  new Fault('not-found', `there is no block ${what}`, {
    culprit: 'you',
    next: 'See `zennet chain blocks`; a node that has just started may still read the chain.',
  })

/** @throws Fault `not-found` */
export const showTip = async (flags: Flags): Promise<void> => {
  const client = connect(flags)
  if (flags.watch) return watchBlocks(client, 1, flags)
  const [tip] = await newest(client, 1)
  if (tip === undefined) throw noBlock('yet')
  printOne(tip, TITLES, flags.output)
}

export const listBlocks = async (flags: Flags & { readonly limit: number }): Promise<void> => {
  const client = connect(flags)
  if (flags.watch) return watchBlocks(client, flags.limit, flags)
  printRows(await newest(client, flags.limit), COLUMNS, flags.output)
}

type TransactionView = {
  readonly txid: string
  readonly index: number
  readonly coinbase: boolean
  readonly outputSats: string
  readonly feeSats: string | null
  readonly feeRate: number | null
  readonly virtualSize: number
}
const TRANSACTIONS: readonly Column<TransactionView>[] = [
  ['#', (it) => it.index],
  ['TRANSACTION', (it) => it.txid],
  ['SATS', (it) => sats(it.outputSats)],
  ['FEE', (it) => (it.coinbase ? 'coinbase' : sats(it.feeSats))],
  ['SATS/VB', (it) => rate(it.feeRate)],
  ['VBYTES', (it) => showNumber(it.virtualSize)],
]

/** @throws Fault `not-found` */
export const showBlock = async (which: number | string, flags: Flags): Promise<void> => {
  const node = connect(flags)
  const block =
    typeof which === 'string'
      ? (
          await node.request<{ block: BlockView | null }>(`query($hash: Hex!) { block(hash: $hash) { ${FIELDS} } }`, {
            hash: which,
          })
        ).block
      : nodes(
          (
            await node.request<{ blocks: Edges<BlockView> }>(
              `query($at: IntRange!) { blocks(first: 1, filter: { height: $at }) { edges { node { ${FIELDS} } } } }`,
              { at: { min: which, max: which } },
            )
          ).blocks,
        )[0]
  if (block == null) throw noBlock(String(which))
  const { transactions } = await node.request<{ transactions: Edges<TransactionView> }>(
    `query($at: IntRange!) {
      transactions(first: 100, filter: { height: $at }, orderBy: { by: PLACE, direction: ASCENDING }) {
        edges { node { txid index coinbase outputSats feeSats feeRate virtualSize } }
      }
    }`,
    { at: { min: block.height, max: block.height } },
  )
  const shown = nodes(transactions)
  if (flags.output !== 'table') {
    printOne({ ...block, transactions: shown }, [], flags.output)
    return
  }
  printOne(block, TITLES, flags.output)
  print('')
  printRows(shown, TRANSACTIONS, flags.output)
  if (block.transactionCount > shown.length) print(`… and ${showNumber(block.transactionCount - shown.length)} more`)
}
