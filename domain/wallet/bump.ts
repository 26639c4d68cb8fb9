import { fromHex } from '../bytes.ts'
import { decodeTransaction } from '../chain/codec.ts'
import { outPointKey, type Transaction } from '../chain/transaction.ts'
import { isRefusal, type Refusal } from '../fact.ts'
import { buildTransaction } from './build-transaction.ts'
import { selectCoins } from './coin-selection.ts'
import { type Spendable, spendable } from './coins.ts'
import type { Draft, DraftRefusal, Terms } from './draft.ts'
import type { Purpose } from './facts.ts'
import { lookUp } from './keyed.ts'
import { sizeOf } from './size.ts'
import type { Coin, Sent, WalletState, WalletTransaction } from './state.ts'

/** What a replacement pays above the one that it replaces, sats for 1,000 virtual bytes (BIP 125 rule 4). */
const RELAY_STEP_PER_KVB = 1_000n
/** Nodes relay nothing for less, sats per virtual byte: what a parent of which no more is known has paid. */
const LEAST_RATE = 1n
/** Others build on the txid of all the rest: an announcement's is its name, a funding's stands in vouchers. */
const REPLACEABLE: readonly Purpose[] = ['payment', 'withdrawal', 'bump']

/** `replaces`: the transaction that the draft stands in for; else it is a child of it. */
export type Bump = { readonly draft: Draft; readonly replaces?: WalletTransaction & { readonly sent: Sent } }

export type BumpRefusal =
  | DraftRefusal
  | Refusal<'unknown-transaction' | 'not-waiting' | 'nothing-to-bump' | 'fee-too-low'>

/**
 * Makes a transaction that waits more worth a miner's while. Our own payment is replaced by one with a higher fee (BIP 125): same
 * inputs, same outputs but the change, more coins where that is too small. What may not change its txid, what others sent, and what
 * was spent on gets a child out of one of our outputs, with a fee for both.
 *
 * @param terms its fee rate is what the transaction, or both together, come to
 * @param parent the transaction and its virtual size, as the chain has it
 */
export const draftBump = (
  state: WalletState,
  txid: string,
  terms: Terms,
  parent: { readonly vsize: number } | undefined,
): Bump | BumpRefusal => {
  const known = lookUp(state.transactions, txid)
  if (known === undefined) return { refused: 'unknown-transaction', why: `${txid} is not of this wallet` }
  if (known.dropped || known.height !== undefined)
    return {
      refused: 'not-waiting',
      why: known.dropped ? 'it was replaced, or dropped' : `it is in block ${known.height}`,
    }
  const made = known.creates.flatMap((key) => lookUp(state.coins, key) ?? [])
  const spentOn = made.some(({ spentBy }) => spentBy !== undefined)
  if (isSent(known) && REPLACEABLE.includes(known.sent.purpose) && !spentOn)
    return replacement(state, known, made, terms)
  const coin = made.find(({ spentBy, bond }) => spentBy === undefined && !bond)
  if (coin === undefined || parent === undefined)
    return { refused: 'nothing-to-bump', why: 'no output of it is ours to spend; bump what spends it' }
  return child(state, known, coin, terms, parent.vsize)
}

const isSent = (tx: WalletTransaction): tx is WalletTransaction & { readonly sent: Sent } => tx.sent !== undefined

const replacement = (
  state: WalletState,
  known: WalletTransaction & { readonly sent: Sent },
  made: readonly Coin[],
  { tip, feeSatsPerKvb, changeScript }: Terms,
): Bump | BumpRefusal => {
  const before = decodeTransaction(fromHex(known.sent.raw))
  const change = made.find(({ keyPath }) => keyPath.account === 'change')
  // A withdrawal is all change: its one output goes to our change chain, and to nobody else.
  const outputs = before.outputs.filter((_, vout) => vout !== change?.vout)
  const fixed = coinsOf(state, before)
  const size = BigInt(sizeOf(before.inputs.length, before.outputs))
  const least = (known.sent.fee * 1_000n) / size + RELAY_STEP_PER_KVB + 1n
  // BIP 125 rule 2: no other unconfirmed coins.
  const taken = new Set(fixed.map(outPointKey))
  const candidates = spendable(state, tip).filter((coin) => coin.confirmed && !taken.has(outPointKey(coin)))
  if (feeSatsPerKvb < least)
    return { refused: 'fee-too-low', why: `nodes replace it for ${least} sats for 1,000 virtual bytes, or more` }
  const script = change === undefined ? changeScript : fromHex(change.script)
  const selection = selectCoins({ fixed, candidates, outputs, changeScript: script, feeSatsPerKvb })
  if (isRefusal(selection)) return selection
  const { coins, fee } = selection
  const tx = buildTransaction(coins, outputs, { value: selection.change, script })
  if (fee < known.sent.fee + BigInt(sizeOf(coins.length, tx.outputs)))
    return { refused: 'fee-too-low', why: `${fee} sats are not enough above ${known.sent.fee}` }
  return { draft: { tx, coins, purpose: known.sent.purpose, fee }, replaces: known }
}

const coinsOf = (state: WalletState, tx: Transaction): Spendable[] =>
  tx.inputs.map((input) => {
    const coin = lookUp(state.coins, outPointKey(input))
    if (coin === undefined) throw new Error(`corrupt wallet: ${outPointKey(input)} is not known`)
    return { ...coin, confirmed: lookUp(state.transactions, coin.txid)?.height !== undefined }
  })

const child = (
  state: WalletState,
  known: WalletTransaction,
  coin: Coin,
  { tip, feeSatsPerKvb, changeScript }: Terms,
  parentVsize: number,
): Bump | BumpRefusal => {
  const parentFee = known.sent?.fee ?? BigInt(parentVsize) * LEAST_RATE
  const missing = (feeSatsPerKvb * BigInt(parentVsize)) / 1_000n - parentFee
  if (missing <= 0n) return { refused: 'fee-too-low', why: 'it pays as much already' }
  const change = { value: 0n, script: changeScript }
  const size = BigInt(sizeOf(1, [change]))
  // What the parent lacks is spread over the child's own size; more inputs can only make it more.
  const rate = feeSatsPerKvb + (missing * 1_000n + size - 1n) / size
  const candidates = spendable(state, tip).filter((each) => each.confirmed && outPointKey(each) !== outPointKey(coin))
  const fixed: Spendable[] = [{ ...coin, confirmed: false }]
  const selection = selectCoins({ fixed, candidates, outputs: [], changeScript, feeSatsPerKvb: rate })
  if (isRefusal(selection)) return selection
  const { coins, fee } = selection
  const tx = buildTransaction(coins, [], { value: selection.change, script: changeScript })
  return { draft: { tx, coins, purpose: 'bump', fee } }
}
