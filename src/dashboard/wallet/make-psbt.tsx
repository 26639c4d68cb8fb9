import { useSignal } from '@preact/signals'
import { ask, doneOf } from '../api/ask.ts'
import { Fault } from '../api/fault.ts'
import { Action } from '../part/action.tsx'
import { choiceOf, FeeChoice } from './fee-choice.tsx'
import { paymentOf } from './payment.ts'
import { CREATE_PSBT } from './preview.ts'

type Given = {
  readonly estimates: readonly { readonly targetBlocks: number; readonly feeRate: number | null }[]
  made(psbt: string): void
}

/** An unsigned payment of this wallet, for others to look at or to sign too. Nothing is reserved by it. */
export const MakePsbt = ({ estimates, made }: Given) => {
  const address = useSignal('')
  const sats = useSignal('')
  const version = useSignal(0)
  const fee = useSignal<{ target: number } | { own: string }>({ target: 6 })
  const run = async (): Promise<void> => {
    const payment = paymentOf(address.peek(), sats.peek())
    const choice = choiceOf(fee.peek())
    if (payment === undefined || choice === undefined)
      throw new Fault({
        code: 'dashboard.bad-payment',
        message: 'An address, whole sats and a fee are needed.',
        culprit: 'you',
        next: 'Fill in what is missing.',
      })
    const input = { ...payment, ...choice, version: version.peek() }
    made(doneOf((await ask(CREATE_PSBT, { input })).createPsbt).psbt)
  }
  return (
    <section class="card">
      <h2>A new one</h2>
      <label>
        Pay to
        <input
          autocomplete="off"
          spellcheck={false}
          value={address}
          onInput={(event) => {
            address.value = event.currentTarget.value
          }}
        />
      </label>
      <label>
        Sats
        <input
          inputMode="numeric"
          value={sats}
          onInput={(event) => {
            sats.value = event.currentTarget.value
          }}
        />
      </label>
      <label>
        Version
        <select
          value={version}
          onChange={(event) => {
            version.value = Number(event.currentTarget.value)
          }}
        >
          <option value={0}>0 (BIP 174)</option>
          <option value={2}>2 (BIP 370)</option>
        </select>
      </label>
      <FeeChoice of={fee} estimates={estimates} name="psbt-fee" />
      <Action label="Make it" run={run} />
    </section>
  )
}
