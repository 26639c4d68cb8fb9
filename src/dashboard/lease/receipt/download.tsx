import { plainJson } from '../../../../domain/plain-text.ts'
import { ask } from '../../api/ask.ts'
import { Fault } from '../../api/fault.ts'
import { graphql } from '../../graphql.ts'
import { Action } from '../../part/action.tsx'
import { saveFile } from '../../part/save.ts'
import type { LeaseRow } from '../query.ts'

const FILE = graphql(`
  # once
  query ReceiptFile($leaseId: Hex!) { lease(leaseId: $leaseId) { receiptFile } }
`)

/** The file that proves what the lease came to, to anybody and without this node. */
export const ReceiptDownload = ({ of }: { readonly of: LeaseRow }) => {
  if (of.receipt === null) return null
  const save = async (): Promise<void> => {
    const { lease } = await ask(FILE, { leaseId: of.leaseId })
    if (lease?.receiptFile == null)
      throw new Fault({
        code: 'not-found',
        message: 'There is no receipt file of this lease.',
        culprit: 'host',
        next: 'It is made when the lease has ended; try again then.',
      })
    saveFile(`receipt-${of.leaseId}.json`, 'application/json', plainJson(lease.receiptFile, 2))
  }
  return (
    <section class="card">
      <h2>Receipt</h2>
      <p>
        Terms, signatures, vouchers and transactions in one file, which anybody can check without this node:{' '}
        <a href="/receipt">here in the browser</a>, or with <code>zennet receipt verify</code>.
      </p>
      <Action label="Download the receipt" run={save} />
    </section>
  )
}
