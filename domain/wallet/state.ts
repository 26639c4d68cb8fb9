import type { BlockRef } from '../chain/block.ts'
import type { OutPoint } from '../chain/transaction.ts'
import type { Purpose } from './facts.ts'
import type { KeyAccount, KeyPath } from './key-path.ts'
import { emptyKeyed, type Keyed } from './keyed.ts'

/** An output that pays us. Its height is that of its transaction. */
export type Coin = OutPoint & {
  readonly value: bigint
  readonly script: string
  readonly keyPath: KeyPath
  readonly coinbase: boolean
  readonly bond: boolean
  /** The transaction that spends it, in a block or not. */
  readonly spentBy?: string
}

export type Sent = {
  readonly raw: string
  readonly purpose: Purpose
  readonly reference?: string
  /** Further references that it pays for. */
  readonly also?: readonly string[]
  readonly fee: bigint
}

/** A transaction that pays us or spends our coins. */
export type WalletTransaction = {
  readonly txid: string
  /** Rises with each transaction that the wallet learns of. */
  readonly order: number
  readonly at: number
  readonly height?: number
  readonly dropped: boolean
  /** Keys of the coins that it makes and spends. */
  readonly creates: readonly string[]
  readonly spends: readonly string[]
  /** What it paid us and what it took, sats. */
  readonly received: bigint
  readonly spent: bigint
  /** Present when we made it. */
  readonly sent?: Sent
}

/** The next key of each account that was never seen or given out. */
export type NextIndex = Readonly<Record<KeyAccount, number>>

export type WalletState = {
  /** By `txid:vout`. */
  readonly coins: Keyed<Coin>
  readonly transactions: Keyed<WalletTransaction>
  /** Txid by reference. */
  readonly paid: Keyed<string>
  /** Key given out, by reference. */
  readonly given: Keyed<KeyPath>
  /** The owner's words, by txid. */
  readonly labels: Keyed<string>
  /** The owner's words for addresses, by `account/index`. */
  readonly addressLabels: Keyed<string>
  readonly next: NextIndex
  readonly count: number
  readonly scanned?: BlockRef
}

export const initialWallet: WalletState = {
  coins: emptyKeyed,
  transactions: emptyKeyed,
  paid: emptyKeyed,
  given: emptyKeyed,
  labels: emptyKeyed,
  addressLabels: emptyKeyed,
  next: { receive: 0, change: 0, identity: 0, channel: 0 },
  count: 0,
}
