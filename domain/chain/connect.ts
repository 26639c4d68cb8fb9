import type { Block } from './block.ts'
import { isCoinbase } from './check-transaction.ts'
import { transactionId } from './codec.ts'
import type { Coin, CoinLookup, KeyedCoin } from './coin.ts'
import type { Curve } from './curve.ts'
import type { Network } from './network.ts'
import { isUnspendable } from './script.ts'
import type { ScriptError } from './script-error.ts'
import { CONSENSUS_RULES, type ScriptRules } from './script-rules.ts'
import { sequenceLocksPassed } from './sequence-lock.ts'
import { legacySigops, MAX_BLOCK_SIGOPS_COST, sigopsCost, WITNESS_SCALE } from './sigops.ts'
import { isMoney, subsidyAt } from './subsidy.ts'
import { outPointKey, type Transaction, type TxOutput } from './transaction.ts'
import { verifyInput } from './verify-input.ts'

/** Why the coins do not allow it, in Bitcoin Core's words (consensus/tx_verify.cpp, validation.cpp). */
export type CoinReject =
  | 'bad-txns-inputs-missingorspent'
  | 'bad-txns-premature-spend-of-coinbase'
  | 'bad-txns-inputvalues-outofrange'
  | 'bad-txns-in-belowout'
  | 'bad-txns-nonfinal'
export type ConnectReject =
  | CoinReject
  | 'bad-txns-accumulated-fee-outofrange'
  | 'bad-txns-BIP30'
  | 'bad-blk-sigops'
  | 'bad-cb-amount'
  | ScriptReject
export type ScriptReject = `block-script-verify-flag-failed (${ScriptError})`

/** What spending asks of the chain. */
export type SpendContext = {
  readonly network: Network
  /** Of the block that would hold the transaction. */
  readonly height: number
  /** Median time of the eleven blocks that end at a height (of the chain that the block extends). */
  readonly medianTimeAt: (height: number) => number
}

/**
 * Whether `tx`, not a coinbase, may spend `coins`: maturity, amounts, relative locks (BIP 68). Scripts are not run, and the lock
 * time is `isFinal`'s matter.
 *
 * @param coins what each input spends, in order
 * @returns the fee in sats, or why not
 */
export const checkSpend = (
  tx: Transaction,
  coins: readonly Coin[],
  { network, height, medianTimeAt }: SpendContext,
): { readonly fee: bigint } | { readonly reject: CoinReject } => {
  let paid = 0n
  for (const coin of coins) {
    if (coin.coinbase && height - coin.height < network.coinbaseMaturity) {
      return { reject: 'bad-txns-premature-spend-of-coinbase' }
    }
    paid += coin.value
    if (!isMoney(coin.value) || !isMoney(paid)) return { reject: 'bad-txns-inputvalues-outofrange' }
  }
  const fee = tx.outputs.reduce((rest, output) => rest - output.value, paid)
  if (fee < 0n) return { reject: 'bad-txns-in-belowout' }
  return sequenceLocksPassed(tx, coins, height, medianTimeAt) ? { fee } : { reject: 'bad-txns-nonfinal' }
}

/** The first script error among the inputs of `tx`; undefined when all may spend. @param spent what each input spends */
export const checkScripts = (
  tx: Transaction,
  spent: readonly TxOutput[],
  curve: Curve,
  rules: ScriptRules,
): ScriptError | undefined => {
  const cache = {}
  for (const index of tx.inputs.keys()) {
    const error = verifyInput(tx, index, spent, curve, { rules, cache })
    if (error !== undefined) return error
  }
  return undefined
}

export type ConnectInput = SpendContext & {
  /** Passed `checkBlock`. */
  readonly block: Block
  /** The coins before this block. */
  readonly coin: CoinLookup
  readonly curve: Curve
  /**
   * True where the scripts of this very transaction, witness and all (`witnessId`), were already found good on a chain with
   * the same rules: the mempool's work is not done twice.
   */
  readonly scriptsKnownGood?: (tx: Transaction) => boolean
}

/** What a block does to the coins. `spent` in the order of spending, so that undoing puts them all back. */
export type Connected = {
  readonly spent: readonly KeyedCoin[]
  /** Without those made and spent inside the block, and without what can never be spent. */
  readonly created: readonly KeyedCoin[]
  readonly fees: bigint
}

/**
 * Applies a block to the coins, without changing them: the caller removes `spent` and adds `created`, in one step with the tip.
 * To undo: remove `created`, put `spent` back. BIP 30 is asked only where coinbases have no heights yet: with them (BIP 34) no
 * txid can come twice.
 */
export const connectBlock = (input: ConnectInput): Connected | { readonly reject: ConnectReject } => {
  const { block, height, coin, curve, network } = input
  const spent: KeyedCoin[] = []
  const spentKeys = new Set<string>()
  const created = new Map<string, Coin>()
  let fees = 0n
  let sigops = 0

  for (const tx of block.transactions) {
    const txid = transactionId(tx)
    const coinbase = isCoinbase(tx)
    if (height < network.coinbaseHeightFrom && tx.outputs.some((_, vout) => coin(outPointKey({ txid, vout })))) {
      return { reject: 'bad-txns-BIP30' }
    }
    if (coinbase) sigops += legacySigops(tx) * WITNESS_SCALE
    else {
      const coins: Coin[] = []
      for (const point of tx.inputs) {
        const key = outPointKey(point)
        const inside = created.get(key)
        const found = inside ?? (spentKeys.has(key) ? undefined : coin(key))
        if (found === undefined) return { reject: 'bad-txns-inputs-missingorspent' }
        coins.push(found)
        if (inside !== undefined) created.delete(key)
        else {
          spentKeys.add(key)
          spent.push({ key, coin: found })
        }
      }
      const checked = checkSpend(tx, coins, input)
      if ('reject' in checked) return checked
      fees += checked.fee
      if (!isMoney(fees)) return { reject: 'bad-txns-accumulated-fee-outofrange' }
      sigops += sigopsCost(tx, coins)
      if (input.scriptsKnownGood?.(tx) !== true) {
        const error = checkScripts(tx, coins, curve, CONSENSUS_RULES)
        if (error !== undefined) return { reject: `block-script-verify-flag-failed (${error})` }
      }
    }
    if (sigops > MAX_BLOCK_SIGOPS_COST) return { reject: 'bad-blk-sigops' }

    for (const [vout, output] of tx.outputs.entries()) {
      if (!isUnspendable(output.script)) created.set(outPointKey({ txid, vout }), { ...output, height, coinbase })
    }
  }

  const claimed = block.transactions[0]?.outputs.reduce((sum, output) => sum + output.value, 0n) ?? 0n
  if (claimed > subsidyAt(network, height) + fees) return { reject: 'bad-cb-amount' }
  return { spent, created: [...created].map(([key, made]) => ({ key, coin: made })), fees }
}
