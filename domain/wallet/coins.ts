import type { OutPoint } from '../chain/transaction.ts'
import { outPointKey } from '../chain/transaction.ts'
import type { KeyAccount } from './key-path.ts'
import { lookUp, valuesOf } from './keyed.ts'
import type { Coin, WalletState, WalletTransaction } from './state.ts'

/** Where the chain stands, for what depends on depth. `maturity`: blocks before a coinbase may be spent. */
export type Tip = { readonly height: number; readonly maturity: number }

/** Sats. */
export type Balance = {
  /** Unspent, in a block, and may be spent now. Bonds are in here: they come back when an announcement is withdrawn. */
  readonly confirmed: bigint
  /** Unspent, in no block yet: our change, and what others pay us. */
  readonly unconfirmed: bigint
  /** Mined, and not yet deep enough to be spent. */
  readonly immature: bigint
  /** Inputs of our transactions that are in no block yet. What comes back of them as change is in `unconfirmed`. */
  readonly reserved: bigint
}

/** The whole wallet, or one of its accounts. */
export const balanceOf = (state: WalletState, tip: Tip, account?: KeyAccount): Balance => {
  const sums = { confirmed: 0n, unconfirmed: 0n, immature: 0n, reserved: 0n }
  for (const coin of valuesOf(state.coins)) {
    if (account !== undefined && coin.keyPath.account !== account) continue
    const kind = standing(state, coin, tip)
    if (kind !== 'spent') sums[kind] += coin.value
  }
  return sums
}

const standing = (state: WalletState, coin: Coin, tip: Tip): keyof Balance | 'spent' => {
  if (coin.spentBy !== undefined) {
    const spender = lookUp(state.transactions, coin.spentBy)
    return spender?.height === undefined && spender?.sent !== undefined ? 'reserved' : 'spent'
  }
  const height = heightOf(state, coin)
  if (height === undefined) return 'unconfirmed'
  return isMature(coin, height, tip) ? 'confirmed' : 'immature'
}

/** Bitcoin: a coinbase of height h may be spent in block h + maturity, so once the tip is one below. */
const isMature = (coin: Coin, height: number, tip: Tip): boolean =>
  !coin.coinbase || tip.height + 1 - height >= tip.maturity

export type Spendable = Coin & { readonly confirmed: boolean }

/**
 * Coins that a payment may use: unspent, mature, and confirmed or made by ourselves (another's unconfirmed payment may never
 * confirm). Never bonds. The identity's coins only when asked for: they are kept as first inputs of announcements.
 */
export const spendable = (state: WalletState, tip: Tip, from: 'payments' | 'identity' = 'payments'): Spendable[] => {
  const found: Spendable[] = []
  for (const coin of valuesOf(state.coins)) {
    if (coin.spentBy !== undefined || coin.bond) continue
    if ((coin.keyPath.account === 'identity') !== (from === 'identity')) continue
    const tx = lookUp(state.transactions, coin.txid)
    if (tx?.height === undefined) {
      if (tx?.sent !== undefined) found.push({ ...coin, confirmed: false })
    } else if (isMature(coin, tx.height, tip)) found.push({ ...coin, confirmed: true })
  }
  return found
}

export const coinAt = (state: WalletState, point: OutPoint): Coin | undefined => lookUp(state.coins, outPointKey(point))

const heightOf = (state: WalletState, coin: Coin): number | undefined => lookUp(state.transactions, coin.txid)?.height

/** Transactions that count and are in no block yet, oldest first: parents before children. */
export const pending = (state: WalletState): WalletTransaction[] => {
  const found: WalletTransaction[] = []
  for (const tx of valuesOf(state.transactions)) if (!tx.dropped && tx.height === undefined) found.push(tx)
  return found.sort((a, b) => a.order - b.order)
}
