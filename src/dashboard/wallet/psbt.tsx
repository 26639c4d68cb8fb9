import { useSignal } from '@preact/signals'
import { ask, doneOf } from '../api/ask.ts'
import { useLive } from '../api/live.ts'
import { graphql, type ResultOf } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { Screen } from '../part/screen.tsx'
import { MakePsbt } from './make-psbt.tsx'
import { COMBINE, DECODE, FINALIZE, SIGN } from './psbt-documents.ts'
import { PsbtShown } from './psbt-shown.tsx'
import { Tabs } from './tabs.tsx'
import './wallet.css'

const BEFORE = graphql(`
  query BeforePsbt {
    status { position }
    walletLock { locked }
    fees(targets: [1, 6, 144]) { estimates { targetBlocks feeRate } }
  }
`)

type Decoded = Extract<ResultOf<typeof DECODE>['decodePsbt'], { __typename: 'PsbtDecoded' }>

/** Base64 texts, one behind the other, parted by spaces or lines. */
export const partsOf = (typed: string): readonly string[] => typed.split(/\s+/).filter((part) => part !== '')

/** Transactions that several sign (BIP 174, BIP 370): made here, or brought from elsewhere. */
export const Psbt = () => {
  const live = useLive(BEFORE, {}, ['wallet', 'chain'])
  const text = useSignal('')
  return (
    <Screen
      title="Sign together"
      cli={['zennet wallet psbt create ADDRESS SATS', 'zennet wallet psbt decode', 'zennet wallet psbt sign']}
      live={live}
      actions={<Tabs />}
    >
      {({ walletLock, fees }) => (
        <>
          {walletLock.locked && (
            <p class="note">
              The wallet is locked: it signs nothing. <a href="/wallet">Unlock it</a> first.
            </p>
          )}
          <div class="two">
            <Desk text={text} />
            <MakePsbt
              estimates={fees.estimates}
              made={(psbt) => {
                text.value = psbt
              }}
            />
          </div>
        </>
      )}
    </Screen>
  )
}

const Desk = ({ text }: { readonly text: { value: string; peek(): string } }) => {
  /** What was decoded, beside the text that it is of: the text may be another by the time that it is shown. */
  const looked = useSignal<{ readonly text: string; readonly decoded: Decoded } | undefined>(undefined)
  const said = useSignal('')
  const look = async (): Promise<void> => {
    const psbt = text.peek()
    looked.value = undefined
    const decoded = doneOf((await ask(DECODE, { psbt: psbt.trim() })).decodePsbt) as Decoded
    looked.value = { text: psbt, decoded }
  }
  const sign = async (): Promise<void> => {
    const { psbt, signedInputs } = doneOf((await ask(SIGN, { psbt: text.peek().trim() })).signPsbt)
    text.value = psbt
    said.value = `${signedInputs ?? 0} inputs were signed by this wallet.`
    await look()
  }
  const combine = async (): Promise<void> => {
    text.value = doneOf((await ask(COMBINE, { psbts: [...partsOf(text.peek())] })).combinePsbts).psbt
    said.value = 'They are one now.'
    await look()
  }
  const finalize = async (broadcast: boolean): Promise<void> => {
    const final = doneOf((await ask(FINALIZE, { psbt: text.peek().trim(), broadcast })).finalizePsbt)
    text.value = broadcast ? final.psbt : final.raw
    said.value = broadcast
      ? `The chain has it: transaction ${final.txid}.`
      : 'Above is the signed transaction: any node takes it.'
  }
  return (
    <section class="card">
      <h2>One that is here</h2>
      <label>
        PSBT, base64; several of the same transaction one behind the other
        <textarea
          rows={6}
          spellcheck={false}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value
            said.value = ''
          }}
        />
      </label>
      <div class="row">
        <Action label="Look" isQuiet run={look} />
        <Action
          label="Sign"
          run={sign}
          sure={<p>Sign what is this wallet’s of it? Look first at what it pays to whom.</p>}
        />
        <Action label="Combine" isQuiet run={combine} />
        <Action label="Finish" isQuiet run={() => finalize(false)} />
        <Action
          label="Send it"
          run={() => finalize(true)}
          sure={<p>Give it to the chain? What is in a block cannot be taken back.</p>}
        />
      </div>
      <p role="status">{said}</p>
      {looked.value?.text === text.value && <PsbtShown of={looked.value.decoded} />}
    </section>
  )
}
