import { toHex } from '../bytes.ts'
import { encodeTransaction, transactionId } from '../chain/codec.ts'
import type { Transaction } from '../chain/transaction.ts'
import type { Draft } from './draft.ts'
import { evolveWallet } from './evolve.ts'
import type { WalletFact } from './facts.ts'
import { dropFacts, type KeyPathOf, observeTransaction } from './observe.ts'
import type { WalletState, WalletTransaction } from './state.ts'

export type Signed = Pick<Draft, 'purpose' | 'fee'> & { readonly tx: Transaction }

/**
 * The facts that put a signed replacement in the place of what waits. The reference goes over: what it pays for is not paid again.
 */
export const replaceFacts = (
  state: WalletState,
  replaced: WalletTransaction,
  signed: Signed,
  at: number,
  keyPathOf: KeyPathOf,
): WalletFact[] => {
  const drop = dropFacts(state, replaced.txid, 'replaced', at)
  const { reference, also } = replaced.sent ?? {}
  return [...drop, ...commitFacts(drop.reduce(evolveWallet, state), [signed], { at, reference, also }, keyPathOf)]
}

/**
 * The facts that make signed drafts ours to broadcast: their inputs are reserved, their outputs to us (change) count at once.
 * `reference` and `also` go to the last: the ones before it only make it possible.
 */
export const commitFacts = (
  state: WalletState,
  signed: readonly Signed[],
  {
    at,
    reference,
    also = [],
  }: { readonly at: number; readonly reference?: string | undefined; readonly also?: readonly string[] | undefined },
  keyPathOf: KeyPathOf,
): WalletFact[] => {
  const facts: WalletFact[] = []
  let now = state
  const add = (more: readonly WalletFact[]): void => {
    now = more.reduce(evolveWallet, now)
    facts.push(...more)
  }
  signed.forEach(({ tx, purpose, fee }, index) => {
    const last = index === signed.length - 1
    add([
      {
        type: 'wallet.sent',
        at,
        txid: transactionId(tx),
        raw: toHex(encodeTransaction(tx)),
        purpose,
        inputs: tx.inputs.map(({ txid, vout }) => ({ txid, vout })),
        fee,
        ...(last && reference !== undefined ? { reference } : {}),
        ...(last && also.length > 0 ? { also } : {}),
      },
    ])
    add(observeTransaction(now, tx, { at }, keyPathOf))
  })
  return facts
}
