import type { TxOutput } from './transaction.ts'

/** An output that is not spent: where it was made is what maturity and relative locks ask. */
export type Coin = TxOutput & {
  readonly height: number
  readonly coinbase: boolean
}

/** Looks a coin up by `outPointKey`. */
export type CoinLookup = (key: string) => Coin | undefined

/** A coin and its key. */
export type KeyedCoin = { readonly key: string; readonly coin: Coin }
