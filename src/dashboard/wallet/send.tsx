import { useSignal } from '@preact/signals'
import { ask } from '../api/ask.ts'
import { useLive } from '../api/live.ts'
import { oncePer } from '../api/once-per.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { Screen } from '../part/screen.tsx'
import { Sats } from '../part/shown.tsx'
import { Told } from '../part/told.tsx'
import { Behind } from './behind.tsx'
import { choiceOf, FeeChoice } from './fee-choice.tsx'
import { paymentOf, satsOf } from './payment.ts'
import { usePreview } from './preview.ts'
import { Tabs } from './tabs.tsx'
import './wallet.css'

const BEFORE = graphql(`
  query BeforeSending {
    status { position at }
    blocks(first: 1) { edges { node { time } } }
    balance { confirmedSats unconfirmedSats }
    walletLock { locked }
    fees(targets: [1, 6, 144]) { estimates { targetBlocks feeRate } }
  }
`)

const SEND = graphql(`
  mutation Send($input: SendInput!) {
    send(input: $input) {
      __typename
      ... on PaymentSent { txid position }
      ... on Problem { code message culprit next }
    }
  }
`)

type Before = ResultOf<typeof BEFORE>

/** Pays an address: what it costs is shown before, and asked once more. */
export const Send = () => {
  const live = useLive(BEFORE, {}, ['wallet', 'chain'])
  return (
    <Screen title="Send" cli={['zennet wallet send ADDRESS SATS --target 6']} live={live} actions={<Tabs />}>
      {(before) => (
        <>
          <Behind now={before.status.at} newest={before.blocks.edges[0]?.node.time} />
          {before.walletLock.locked && (
            <p class="note">
              The wallet is locked: nothing can be sent. <a href="/wallet">Unlock it</a> first.
            </p>
          )}
          <Form before={before} />
        </>
      )}
    </Screen>
  )
}

const Form = ({ before }: { readonly before: Before }) => {
  const address = useSignal('')
  const sats = useSignal('')
  const fee = useSignal<{ target: number } | { own: string }>({ target: 6 })
  const sent = useSignal('')
  const payment = paymentOf(address.value, sats.value)
  const choice = choiceOf(fee.value)
  const timesAsked = useSignal(0)
  const { position } = before.status
  const preview = usePreview(payment, choice, [position, before.walletLock.locked, timesAsked.value]).value
  const pay = async (): Promise<void> => {
    if (payment === undefined || choice === undefined) return
    const input = { ...payment, ...choice }
    const { txid } = await oncePer('send', input, async (idempotencyKey) => {
      return (await ask(SEND, { input: { ...input, idempotencyKey } })).send
    })
    sent.value = txid
    address.value = ''
    sats.value = ''
  }
  const isWrong = sats.value !== '' && satsOf(sats.value) === undefined
  return (
    <section class="card narrow">
      <h2>A payment</h2>
      <p>
        <Sats of={before.balance.confirmedSats} /> can be spent, <Sats of={before.balance.unconfirmedSats} /> wait for a
        block.
      </p>
      <label>
        To the address
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
          autocomplete="off"
          value={sats}
          aria-invalid={isWrong}
          onInput={(event) => {
            sats.value = event.currentTarget.value
          }}
        />
        {isWrong && <span class="wrong">Whole sats, 1 or more.</span>}
      </label>
      <FeeChoice of={fee} estimates={before.fees.estimates} name="fee" />
      {preview?.fault && <Told told={preview.fault} />}
      {payment && preview?.feeSats !== undefined && (
        <>
          <Total sats={payment.sats} feeSats={preview.feeSats} />
          <Action
            label="Send"
            asks={() => {
              timesAsked.value++
            }}
            sure={
              <>
                <p>
                  Send <Sats of={payment.sats} /> to <code>{payment.address}</code>? What is in a block cannot be taken
                  back.
                </p>
                <Total sats={payment.sats} feeSats={preview.feeSats} />
              </>
            }
            run={pay}
          />
        </>
      )}
      <p role="status">
        {sent.value !== '' && (
          <>
            Sent: <a href={`/transaction/${sent.value}`}>transaction {sent.value.slice(0, 12)}…</a>
          </>
        )}
      </p>
    </section>
  )
}

const Total = ({ sats, feeSats }: { readonly sats: string; readonly feeSats: string }) => (
  <dl class="facts">
    <dt>Fee</dt>
    <dd>
      <Sats of={feeSats} />
    </dd>
    <dt>In all</dt>
    <dd>
      <Sats of={BigInt(sats) + BigInt(feeSats)} />
    </dd>
  </dl>
)
