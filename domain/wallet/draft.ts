import { toHex } from '../bytes.ts'
import { transactionId } from '../chain/codec.ts'
import type { OutPoint, Transaction, TxOutput } from '../chain/transaction.ts'
import { outPointKey } from '../chain/transaction.ts'
import { isRefusal, type Refusal } from '../fact.ts'
import { larger } from '../money.ts'
import { buildTransaction } from './build-transaction.ts'
import { type InsufficientFunds, type Selection, selectCoins } from './coin-selection.ts'
import { coinAt, type Spendable, spendable, type Tip } from './coins.ts'
import { dustOf } from './dust.ts'
import type { Purpose } from './facts.ts'
import { IDENTITY } from './key-path.ts'
import { lookUp } from './keyed.ts'
import { feeFor, sizeOf } from './size.ts'
import type { WalletState } from './state.ts'

/** 21 million coins: no amount is above (Bitcoin's MAX_MONEY), sats. */
export const MAX_MONEY = 2_100_000_000_000_000n
/** References are ids that the caller chose. */
export const MAX_REFERENCE_CHARS = 200

/** A transaction to be signed: `coins` are its inputs, in order. */
export type Draft = {
  readonly tx: Transaction
  readonly coins: readonly Pick<Spendable, 'value' | 'keyPath'>[]
  readonly purpose: Purpose
  readonly fee: bigint
}

export type DraftRefusal =
  | InsufficientFunds
  | Refusal<'no-outputs' | 'bad-amount' | 'dust-output' | 'too-many-inputs' | 'unknown-coin' | 'already-spent'>

/** What every draft depends on besides the wallet itself. `feeSatsPerKvb`: sats for 1,000 virtual bytes. */
export type Terms = {
  readonly tip: Tip
  readonly feeSatsPerKvb: bigint
  readonly changeScript: Uint8Array
  /** Coins that are left alone, `txid:vout`. */
  readonly without?: ReadonlySet<string>
}

/** A payment from the wallet's coins; the identity's and bonds are left alone. */
export const draftPayment = (
  state: WalletState,
  request: { readonly outputs: readonly TxOutput[]; readonly purpose: Purpose },
  terms: Terms,
): [Draft] | DraftRefusal => {
  const wrong = checkOutputs(request.outputs)
  if (wrong !== undefined) return wrong
  const draft = drawn(state, { ...request, fixed: [] }, terms)
  return isRefusal(draft) ? draft : [draft]
}

/**
 * A transaction whose first input is the identity's, which makes it the author. When the identity has no coin, a transaction before it
 * pays it exactly what the second needs, so that the second is as small as can be; both can be sent at once.
 */
export const draftAnnouncement = (
  state: WalletState,
  request: { readonly outputs: readonly TxOutput[]; readonly identityScript: Uint8Array },
  terms: Terms,
): Draft[] | DraftRefusal => {
  const wrong = checkOutputs(request.outputs)
  if (wrong !== undefined) return wrong
  const { outputs } = request
  const first = spendable(state, terms.tip, 'identity')
    .filter(isTaken(terms))
    .sort((a, b) => Number(b.confirmed) - Number(a.confirmed))[0]
  if (first !== undefined) {
    const draft = drawn(state, { outputs, purpose: 'announcement', fixed: [first] }, terms)
    return isRefusal(draft) ? draft : [draft]
  }
  const fee = feeFor(sizeOf(1, outputs), terms.feeSatsPerKvb)
  const need = outputs.reduce((total, output) => total + output.value, fee)
  const value = larger(need, dustOf({ script: request.identityScript }))
  const gift = { value, script: request.identityScript }
  const before = drawn(state, { outputs: [gift], purpose: 'identity', fixed: [] }, terms)
  if (isRefusal(before)) return before
  const given = { txid: transactionId(before.tx), vout: 0 }
  const tx = buildTransaction([given], outputs, { value: 0n, script: terms.changeScript })
  const announcement: Draft = {
    tx,
    coins: [{ value, keyPath: IDENTITY }],
    purpose: 'announcement',
    fee: fee + (value - need),
  }
  return [before, announcement]
}

/** Spends one coin, bond or not, back to the wallet; other coins are added when it is too small to pay its own fee. */
export const draftWithdrawal = (state: WalletState, point: OutPoint, terms: Terms): [Draft] | DraftRefusal => {
  const coin = coinAt(state, point)
  if (coin === undefined) return { refused: 'unknown-coin', why: `${outPointKey(point)} is not ours` }
  if (coin.spentBy !== undefined) return { refused: 'already-spent', why: `${coin.spentBy} spends it` }
  const confirmed = lookUp(state.transactions, coin.txid)?.height !== undefined
  const draft = drawn(state, { outputs: [], purpose: 'withdrawal', fixed: [{ ...coin, confirmed }] }, terms)
  return isRefusal(draft) ? draft : [draft]
}

const isTaken =
  ({ without }: Terms) =>
  (coin: Spendable): boolean =>
    !without?.has(outPointKey(coin))

const drawn = (
  state: WalletState,
  request: { readonly outputs: readonly TxOutput[]; readonly purpose: Purpose; readonly fixed: readonly Spendable[] },
  terms: Terms,
): Draft | DraftRefusal => {
  const { tip, feeSatsPerKvb, changeScript } = terms
  const { outputs, purpose, fixed } = request
  const taken = new Set(fixed.map(outPointKey))
  const candidates = spendable(state, tip).filter((coin) => !taken.has(outPointKey(coin)) && isTaken(terms)(coin))
  const selection = selectCoins({ fixed, candidates, outputs, changeScript, feeSatsPerKvb })
  return isRefusal(selection) ? selection : built(selection, outputs, purpose, changeScript)
}

const built = (
  { coins, change, fee }: Selection<Spendable>,
  outputs: readonly TxOutput[],
  purpose: Purpose,
  changeScript: Uint8Array,
): Draft => ({ tx: buildTransaction(coins, outputs, { value: change, script: changeScript }), coins, purpose, fee })

const checkOutputs = (outputs: readonly TxOutput[]): DraftRefusal | undefined => {
  if (outputs.length === 0) return { refused: 'no-outputs', why: 'nothing to pay' }
  let total = 0n
  for (const output of outputs) {
    total += output.value
    if (output.value < 0n || total > MAX_MONEY) return { refused: 'bad-amount', why: `${output.value} sats` }
    const least = dustOf(output)
    if (output.value < least)
      return { refused: 'dust-output', why: `${output.value} sats to ${toHex(output.script)} are below ${least}` }
  }
  return undefined
}
