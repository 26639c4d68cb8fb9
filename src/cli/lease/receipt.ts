import { plainText } from '../../../domain/plain-text.ts'
import { notFound } from '../exit-code.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printData, printRows } from '../output.ts'
import { msatToSats, showNumber } from '../quantity.ts'
import { type EndView, leaseIdOf } from './lease-view.ts'

type BillLine = { readonly item: string; readonly used: string; readonly price: string; readonly msat: string }
type ReceiptView = {
  readonly leaseId: string
  readonly publisherKey: string
  readonly providerKey: string | null
  readonly bill: readonly BillLine[]
  readonly owedMsat: string
  readonly paidSats: string
  readonly capacitySats: string | null
  readonly fundingTxid: string | null
  readonly settlementTxid: string | null
  readonly settlementHeight: number | null
  readonly end: EndView | null
  readonly receiptFile: { readonly publisherSignature?: string; readonly providerSignature?: string } | null
}

const BILL: readonly Column<BillLine>[] = [
  ['ITEM', ({ item }) => item],
  ['USED', ({ used }) => showNumber(used)],
  ['MSAT PER UNIT', ({ price }) => showNumber(price)],
  ['MSAT', ({ msat }) => showNumber(msat)],
]

/** What a lease came to. As JSON: the signed receipt with all that `zennet receipt verify` checks it by. */
export const showReceipt = async (given: string, flags: NodeFlags & { output: Output }): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const { lease } = await client.request<{ lease: ReceiptView | null }>(
    `query($leaseId: Hex!) { lease(leaseId: $leaseId) {
      leaseId publisherKey providerKey bill { item used price msat } owedMsat paidSats capacitySats
      fundingTxid settlementTxid settlementHeight receiptFile end { code culprit why next at }
    } }`,
    { leaseId },
  )
  if (lease === null) throw notFound(`there is no lease ${leaseId}`, 'See zennet lease ls.')
  if (lease.receiptFile === null)
    throw notFound(
      `the lease ${leaseId} has no receipt yet`,
      'It is signed when the lease ends; see zennet lease show.',
    )
  if (flags.output !== 'table') return printData(lease.receiptFile, flags.output)
  printRows(lease.bill, BILL, 'table')
  const signed = (signature: string | undefined) => signature ?? '(not signed)'
  const fields: readonly [string, unknown][] = [
    ['lease', lease.leaseId],
    ['owed', `${showNumber(lease.owedMsat)} msat = ${showNumber(msatToSats(lease.owedMsat))} sats`],
    ['paid', `${showNumber(lease.paidSats)} sats of ${showNumber(lease.capacitySats ?? '0')} locked`],
    ['ended', lease.end && `${lease.end.code} (${lease.end.culprit})`],
    ['funding', lease.fundingTxid ?? '(none)'],
    [
      'settlement',
      lease.settlementTxid === null
        ? '(not in a block yet)'
        : `${lease.settlementTxid} in block ${lease.settlementHeight}`,
    ],
    ['publisher', lease.publisherKey],
    ['  signature', signed(lease.receiptFile.publisherSignature)],
    ['provider', lease.providerKey],
    ['  signature', signed(lease.receiptFile.providerSignature)],
  ]
  print('')
  for (const [name, value] of fields) print(`${name.padEnd(11)}  ${plainText(value)}`)
}
