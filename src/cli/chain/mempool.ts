import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printRows } from '../output.ts'
import { showNumber } from '../quantity.ts'
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

export const listMempool = async (flags: NodeFlags & { readonly output: Output; readonly limit: number }) => {
  const { mempool } = await connect(flags).request<{ mempool: { edges: readonly { node: WaitingView }[] } }>(
    `query($first: Int!) { mempool(first: $first) { edges { node { ${FIELDS} } } } }`,
    { first: flags.limit },
  )
  const rows = mempool.edges.map(({ node }) => node)
  printRows(rows, COLUMNS, flags.output)
}
