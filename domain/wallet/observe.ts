import { toHex } from '../bytes.ts'
import type { Block } from '../chain/block.ts'
import { transactionId } from '../chain/codec.ts'
import { isNullData } from '../chain/script.ts'
import { outPointKey, type Transaction } from '../chain/transaction.ts'
import { evolveWallet } from './evolve.ts'
import type { DropReason, WalletFact } from './facts.ts'
import type { KeyPath } from './key-path.ts'
import { lookUp } from './keyed.ts'
import type { Coin, NextIndex, WalletState } from './state.ts'

/** Which of our keys a script (hex) pays, if any. It may depend on how far the keys were used: that moves the gap. */
export type KeyPathOf = (script: string, next: NextIndex) => KeyPath | undefined

/** An announcement's output 0 is its record and output 1 its bond. */
const BOND_VOUT = 1

/** What is to be written when this transaction is seen: in the mempool, or in the block at `height`. Nothing when all of it is known. */
export const observeTransaction = (
  state: WalletState,
  tx: Transaction,
  seen: { readonly at: number; readonly height?: number },
  keyPathOf: KeyPathOf,
): WalletFact[] => {
  const coins = spentCoins(state, tx)
  const payments = tx.outputs.map((output) => keyPathOf(toHex(output.script), state.next))
  if (coins.length === 0 && payments.every((path) => path === undefined)) return []

  const txid = transactionId(tx)
  const rivals = coins.flatMap((coin) => (coin.spentBy === undefined || coin.spentBy === txid ? [] : [coin.spentBy]))
  const inBlock = (id: string): boolean => lookUp(state.transactions, id)?.height !== undefined
  // News from the mempool that is older than a block which spent the same coin.
  if (seen.height === undefined && rivals.some(inBlock)) return []

  const facts: WalletFact[] = []
  for (const rival of rivals) facts.push(...dropFacts(fold(state, facts), rival, 'conflict', seen.at))
  const now = fold(state, facts)
  const placed = seen.height === undefined ? {} : { height: seen.height }
  const before = lookUp(now.transactions, txid)
  const lives = before !== undefined && !before.dropped
  if (lives && seen.height !== undefined && before.height !== seen.height)
    facts.push({ type: 'wallet.confirmed', at: seen.at, txid, height: seen.height })
  const coinbase = isCoinbase(tx)
  tx.outputs.forEach((output, vout) => {
    const keyPath = payments[vout]
    if (keyPath === undefined || lookUp(now.coins, outPointKey({ txid, vout })) !== undefined) return
    const { value } = output
    const bond = isBond(tx, vout, keyPath)
    const script = toHex(output.script)
    facts.push({ type: 'wallet.received', at: seen.at, txid, vout, value, script, keyPath, coinbase, bond, ...placed })
  })
  for (const coin of coins) {
    if (lookUp(now.coins, outPointKey(coin))?.spentBy === txid) continue
    facts.push({ type: 'wallet.spent', at: seen.at, txid: coin.txid, vout: coin.vout, by: txid, ...placed })
  }
  return facts
}

/** What a block that joined the chain means for us. */
export const observeBlock = (
  state: WalletState,
  block: Block,
  seen: { readonly at: number; readonly height: number },
  keyPathOf: KeyPathOf,
): WalletFact[] => {
  const facts: WalletFact[] = []
  let now = state
  for (const tx of block.transactions) {
    const more = observeTransaction(now, tx, seen, keyPathOf)
    now = fold(now, more)
    facts.push(...more)
  }
  return facts
}

/** The inverse, when the block left the chain: its transactions wait for another block, but its coinbase is gone for good. */
export const observeUndo = (
  state: WalletState,
  block: Block,
  seen: { readonly at: number; readonly height: number },
  keyPathOf: KeyPathOf,
): WalletFact[] => {
  const facts: WalletFact[] = []
  let now = state
  for (const tx of [...block.transactions].reverse()) {
    const ours = tx.outputs.some((output) => keyPathOf(toHex(output.script), now.next) !== undefined)
    if (!ours && spentCoins(now, tx).length === 0) continue
    const txid = transactionId(tx)
    if (lookUp(now.transactions, txid)?.height !== seen.height) continue
    const more: WalletFact[] = isCoinbase(tx)
      ? dropFacts(now, txid, 'vanished', seen.at)
      : [{ type: 'wallet.unconfirmed', at: seen.at, txid }]
    now = fold(now, more)
    facts.push(...more)
  }
  return facts
}

/** A transaction that counts no more takes with it all that spend its outputs; children first. */
export const dropFacts = (state: WalletState, txid: string, reason: DropReason, at: number): WalletFact[] => {
  const tx = lookUp(state.transactions, txid)
  if (tx === undefined || tx.dropped) return []
  const facts: WalletFact[] = []
  for (const key of tx.creates) {
    const child = lookUp(fold(state, facts).coins, key)?.spentBy
    if (child !== undefined) facts.push(...dropFacts(fold(state, facts), child, reason, at))
  }
  facts.push({ type: 'wallet.dropped', at, txid, reason })
  return facts
}

const fold = (state: WalletState, facts: readonly WalletFact[]): WalletState => facts.reduce(evolveWallet, state)

const spentCoins = (state: WalletState, tx: Transaction): Coin[] =>
  tx.inputs.flatMap((input) => lookUp(state.coins, outPointKey(input)) ?? [])

/** Recognised by its shape, so that a wallet restored from its words knows its bonds. */
export const isBond = (tx: Transaction, vout: number, { account }: KeyPath): boolean => {
  const record = tx.outputs[0]
  return vout === BOND_VOUT && account === 'identity' && record !== undefined && isNullData(record.script) !== undefined
}

const NO_TXID = '0'.repeat(64)

const isCoinbase = (tx: Transaction): boolean =>
  tx.inputs.length === 1 && tx.inputs[0]!.txid === NO_TXID && tx.inputs[0]!.vout === 0xffffffff
