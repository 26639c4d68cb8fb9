import { useSignal } from '@preact/signals'
import { ask } from '../api/ask.ts'
import { Fault } from '../api/fault.ts'
import { oncePer } from '../api/once-per.ts'
import { graphql } from '../graphql.ts'
import { Action } from '../part/action.tsx'
import { choiceOf, FeeChoice } from './fee-choice.tsx'

const BUMP = graphql(`
  mutation BumpFee($input: BumpInput!) {
    bumpTransaction(input: $input) {
      __typename
      ... on TransactionBumped { txid feeSats replaces }
      ... on Problem { code message culprit next }
    }
  }
`)

type Given = {
  readonly txid: string
  readonly estimates: readonly { readonly targetBlocks: number; readonly feeRate: number | null }[]
  again(): void
}

/** Raises the fee of a transaction that waits: by one in its place where that is possible, else by a child that pays for both. */
export const Bump = ({ txid, estimates, again }: Given) => {
  const fee = useSignal<{ target: number } | { own: string }>({ target: 1 })
  const run = async (): Promise<void> => {
    const choice = choiceOf(fee.peek())
    if (choice === undefined)
      throw new Fault({
        code: 'dashboard.bad-rate',
        message: 'That is no fee rate.',
        culprit: 'you',
        next: 'Give a number from 1 to 1000.',
      })
    await oncePer('bumpTransaction', { txid, ...choice }, async (idempotencyKey) => {
      return (await ask(BUMP, { input: { txid, ...choice, idempotencyKey } })).bumpTransaction
    })
    again()
  }
  return (
    <Action
      label="Raise the fee"
      isQuiet
      run={run}
      sure={
        <>
          <p>Another transaction takes the place of this one and pays more, or a child of it pays for both.</p>
          <FeeChoice of={fee} estimates={estimates} name={`fee-${txid}`} />
        </>
      }
    />
  )
}
