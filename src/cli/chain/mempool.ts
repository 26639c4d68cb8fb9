import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printRows } from '../output.ts'
import { showNumber } from '../quantity.ts'
import { CHAIN_FEED } from '../watch/feeds.ts'
import { watchLive } from '../watch/live.ts'
import type { WatchFlags } from '../watch/options.ts'
import { age, rate, sats } from './show.ts'

type WaitingView = {
  readonly txid: string
  readonly feeSats: string | null
  readonly feeRate: number | null
  readonly virtualSize: number
  readonly outputSats: string
  readonly depends: readonly string[]
  readonly ageS: number
}
const FIELDS = 'txid feeSats feeRate virtualSize outputSats depends ageS'

const COLUMNS: readonly Column<WaitingView>[] = [
  ['TRANSACTION', (it) => it.txid],
  ['SATS/VB', (it) => rate(it.feeRate)],
  ['FEE', (it) => sats(it.feeSats)],
  ['VBYTES', (it) => showNumber(it.virtualSize)],
  ['SATS', (it) => sats(it.outputSats)],
  ['AGE', (it) => age(it.ageS)],
  ['AFTER', (it) => it.depends.length > 0 && `${it.depends.length} more`],
]

type Flags = NodeFlags & WatchFlags & { readonly output: Output; readonly limit: number }

export const listMempool = async (flags: Flags): Promise<void> => {
  const client = connect(flags)
  const list = async (atLeast?: string): Promise<readonly WaitingView[]> => {
    const { mempool } = await client.request<{ mempool: { edges: readonly { node: WaitingView }[] } }>(
      `query($first: Int!, $atLeast: Position) { mempool(first: $first, atLeast: $atLeast) { edges { node { ${FIELDS} } } } }`,
      { first: flags.limit, atLeast: atLeast ?? null },
    )
    return mempool.edges.map(({ node }) => node)
  }
  if (!flags.watch) return printRows(await list(), COLUMNS, flags.output)
  await watchLive<WaitingView>(
    {
      client,
      document: CHAIN_FEED,
      variables: { mempool: true },
      keyOf: ({ txid }) => txid ?? undefined,
      list,
      // One that left is in a block, or gone: zennet chain tx tells.
      row: async (txid) =>
        (
          await client.request<{ node: WaitingView | null }>(
            `query($id: ID!) { node(id: $id) { ... on WaitingTransaction { ${FIELDS} } } }`,
            { id: `WaitingTransaction:${txid}` },
          )
        ).node ?? undefined,
      columns: COLUMNS,
    },
    flags,
  )
}
