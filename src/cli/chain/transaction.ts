import { Fault } from '../../../domain/fault.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { showNumber } from '../quantity.ts'
import { age, rate, sats } from './show.ts'

type InputView = {
  readonly txid: string
  readonly vout: number
  readonly sats: string | null
  readonly address: string | null
}
type OutputView = {
  readonly vout: number
  readonly sats: string
  readonly address: string | null
  readonly script: string
  readonly spentBy: string | null
}
type TransactionView = {
  readonly txid: string
  readonly height: number
  readonly blockHash: string
  readonly time: string
  readonly coinbase: boolean
  readonly outputSats: string
  readonly feeSats: string | null
  readonly feeRate: number | null
  readonly virtualSize: number
  readonly inputs: readonly InputView[] | null
  readonly outputs: readonly OutputView[] | null
}
type WaitingView = {
  readonly txid: string
  readonly outputSats: string
  readonly feeSats: string | null
  readonly feeRate: number | null
  readonly virtualSize: number
  readonly depends: readonly string[]
  readonly ageS: number
}

const QUERY = `query($txid: Hex!, $id: ID!) {
  transaction(txid: $txid) {
    txid height blockHash time coinbase outputSats feeSats feeRate virtualSize
    inputs { txid vout sats address } outputs { vout sats address script spentBy }
  }
  node(id: $id) { ... on WaitingTransaction { txid outputSats feeSats feeRate virtualSize depends ageS } }
}`

const COMMON: readonly Column<TransactionView | WaitingView>[] = [
  ['outputs, sats', (it) => sats(it.outputSats)],
  ['fee, sats', (it) => it.feeSats && `${sats(it.feeSats)} (${rate(it.feeRate)} a virtual byte)`],
  ['virtual bytes', (it) => showNumber(it.virtualSize)],
]
const IN_BLOCK: readonly Column<TransactionView>[] = [
  ['transaction', (it) => it.txid],
  ['block', (it) => `${showNumber(it.height)}  ${it.blockHash}`],
  ['time', (it) => it.time],
  ...COMMON,
]
const WAITING: readonly Column<WaitingView>[] = [
  ['transaction', (it) => it.txid],
  ['block', (it) => `none yet: it waits for ${age(it.ageS)}`],
  ...COMMON,
  ['after', (it) => it.depends.join(' ')],
]
const INPUTS: readonly Column<InputView>[] = [
  ['SPENDS', (it) => `${it.txid}:${it.vout}`],
  ['SATS', (it) => sats(it.sats)],
  ['ADDRESS', (it) => it.address],
]
const OUTPUTS: readonly Column<OutputView>[] = [
  ['OUTPUT', (it) => it.vout],
  ['SATS', (it) => sats(it.sats)],
  ['ADDRESS', (it) => it.address ?? shortened(it.script)],
  ['SPENT BY', (it) => it.spentBy],
]

const SHOWN_SCRIPT = 40
const shortened = (script: string): string =>
  `script ${script.length > SHOWN_SCRIPT ? `${script.slice(0, SHOWN_SCRIPT)}…` : script}`

/** @throws Fault `not-found` */
export const showTransaction = async (txid: string, flags: NodeFlags & { readonly output: Output }): Promise<void> => {
  const { transaction, node: waiting } = await connect(flags).request<{
    transaction: TransactionView | null
    node: WaitingView | null
  }>(QUERY, { txid, id: `WaitingTransaction:${txid}` })
  if (transaction === null) {
    if (waiting !== null) return printOne(waiting, WAITING, flags.output)
    throw new Fault('not-found', `no block and no mempool that this node knows has ${txid}`, {
      culprit: 'you',
      next: 'Check the id; see `zennet chain mempool` for what waits.',
    })
  }
  printOne(transaction, IN_BLOCK, flags.output)
  if (flags.output !== 'table') return
  print('')
  if (transaction.coinbase) print('coinbase: spends nothing')
  else printRows(transaction.inputs ?? [], INPUTS, flags.output)
  print('')
  printRows(transaction.outputs ?? [], OUTPUTS, flags.output)
}
