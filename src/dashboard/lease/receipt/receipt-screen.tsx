import { useSignal } from '@preact/signals'
import type { Check } from '../../../../domain/lease/check.ts'
import { parseReceiptFile, RECEIPT_FILE_MAX_BYTES } from '../../../../domain/lease/parse-receipt.ts'
import { receiptChecks } from '../../../../domain/lease/receipt-checks.ts'
import type { ReceiptFile } from '../../../../domain/lease/receipt-file.ts'
import { nobleCurve } from '../../../curve/noble.ts'
import { Checks } from '../../part/checks.tsx'
import { ChosenFile } from '../../part/chosen-file.tsx'
import { useCommands } from '../../part/equivalents.tsx'
import { Msat, Sats, Short, Words } from '../../part/shown.tsx'

type Verified = { readonly name: string; readonly file: ReceiptFile; readonly checks: readonly Check[] }

/** Any receipt, checked in the browser alone by the code of `zennet receipt verify`. */
export const ReceiptScreen = () => {
  const verified = useSignal<Verified | undefined>(undefined)
  useCommands(['zennet receipt verify receipt.json'])
  const take = (text: string, name: string): void => {
    verified.value = undefined
    const file = parseReceiptFile(text)
    verified.value = { name, file, checks: receiptChecks(file, nobleCurve) }
  }
  return (
    <>
      <div class="title">
        <h1>Verify a receipt</h1>
      </div>
      <section class="card">
        <ChosenFile label="A receipt file" maxBytes={RECEIPT_FILE_MAX_BYTES} take={take} />
      </section>
      {verified.value === undefined ? (
        <p class="empty">
          Download one on the page of a lease that has ended. Everything in it is checked here, without a node; that its
          transactions are in blocks, <code>zennet receipt verify --chain</code> asks of any chain node.
        </p>
      ) : (
        <Found of={verified.value} />
      )}
    </>
  )
}

const Found = ({ of: { name, file, checks } }: { readonly of: Verified }) => {
  const wrong = checks.filter(({ answer }) => answer === 'wrong').length
  const isSigned = file.publisherSignature !== undefined && file.providerSignature !== undefined
  const { receipt } = file
  return (
    <>
      <div class={wrong > 0 ? 'told' : isSigned ? 'card' : 'note'} role="status">
        <p>
          <strong>
            {wrong > 0
              ? `✗ ${wrong} of ${checks.length} checks failed: do not rely on it`
              : isSigned
                ? '✓ All that it says is so, and both sides have signed it'
                : '▲ What it says fits together, and only one side has signed it: nothing in it is agreed'}
          </strong>
        </p>
        <p>
          <Words of={name} />
        </p>
      </div>
      <section class="card">
        <h2>What it says</h2>
        <dl class="facts">
          <dt>Lease</dt>
          <dd>
            <code>{receipt.leaseId}</code> on <Words of={receipt.network} />
          </dd>
          <dt>Publisher</dt>
          <dd>
            <Short of={receipt.publisherKey} />
          </dd>
          <dt>Provider</dt>
          <dd>
            <Short of={receipt.providerKey} />
          </dd>
          <dt>Owed</dt>
          <dd>
            <Msat of={receipt.owedMsat} /> after {receipt.ticks} ticks
          </dd>
          <dt>Paid</dt>
          <dd>
            <Sats of={receipt.paidSats} />
          </dd>
          <dt>End</dt>
          <dd>
            <Words of={receipt.code} /> (<Words of={receipt.culprit} />)
          </dd>
        </dl>
      </section>
      <section class="card">
        <h2>Every check</h2>
        <Checks of={checks} label="Checks of the receipt" />
      </section>
    </>
  )
}
