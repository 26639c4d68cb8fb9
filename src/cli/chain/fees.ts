import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { showNumber } from '../quantity.ts'
import { rate, sats } from './show.ts'

type Estimate = { readonly targetBlocks: number; readonly feeRate: number | null }
type Class = {
  readonly fromRate: number
  readonly toRate: number | null
  readonly transactions: number
  readonly virtualSize: number
}
type Paid = {
  readonly fromHeight: number
  readonly toHeight: number
  readonly transactions: number
  readonly feeSats: string
  readonly lowRate: number | null
  readonly medianRate: number | null
  readonly highRate: number | null
}
type Fees = {
  readonly waiting: number
  readonly waitingVirtualSize: number
  readonly waitingFeeSats: string
  readonly estimates: readonly Estimate[]
  readonly histogram: readonly Class[]
}

const QUERY = `{
  fees {
    waiting waitingVirtualSize waitingFeeSats
    estimates { targetBlocks feeRate }
    histogram { fromRate toRate transactions virtualSize }
  }
  feeHistory(first: 10) {
    edges { node { fromHeight toHeight transactions feeSats lowRate medianRate highRate } }
  }
}`

const ESTIMATES: readonly Column<Estimate>[] = [
  ['WITHIN BLOCKS', (it) => it.targetBlocks],
  ['SATS/VB', (it) => rate(it.feeRate)],
]
const BAR = 30
const classes = (most: number): readonly Column<Class>[] => [
  ['WAITING AT SATS/VB', (it) => (it.toRate === null ? `${it.fromRate} and more` : `${it.fromRate} to ${it.toRate}`)],
  ['TRANSACTIONS', (it) => showNumber(it.transactions)],
  ['VBYTES', (it) => showNumber(it.virtualSize)],
  ['', (it) => '█'.repeat(Math.max(1, Math.round((it.virtualSize / most) * BAR)))],
]
const PAID: readonly Column<Paid>[] = [
  ['PAID IN BLOCKS', (it) => `${it.fromHeight} to ${it.toHeight}`],
  ['TRANSACTIONS', (it) => showNumber(it.transactions)],
  ['LOW SATS/VB', (it) => rate(it.lowRate)],
  ['MEDIAN', (it) => rate(it.medianRate)],
  ['HIGH', (it) => rate(it.highRate)],
  ['FEES, SATS', (it) => sats(it.feeSats)],
]

export const showFees = async (flags: NodeFlags & { readonly output: Output }): Promise<void> => {
  const { fees, feeHistory } = await connect(flags).request<{
    fees: Fees
    feeHistory: { edges: readonly { node: Paid }[] }
  }>(QUERY)
  const history = feeHistory.edges.map(({ node }) => node)
  if (flags.output !== 'table') {
    printOne({ ...fees, history }, [], flags.output)
    return
  }
  printRows(fees.estimates, ESTIMATES, flags.output)
  print('')
  if (fees.histogram.length === 0) print('nothing waits in the mempool')
  else printRows(fees.histogram, classes(Math.max(...fees.histogram.map((it) => it.virtualSize))), flags.output)
  print('')
  printRows(history, PAID, flags.output)
}
