import type { OutPoint } from '../chain/transaction.ts'
import type { KeyPath } from './key-path.ts'

/** The wallet's stream: one per node. */
export const WALLET_STREAM = 'wallet'

/**
 * What a transaction of ours is for; shown in the history. `identity`: our own coins moved to the identity key before an announcement.
 * `bump`: a child that pays the fee of what it spends.
 */
export type Purpose = 'payment' | 'announcement' | 'withdrawal' | 'funding' | 'identity' | 'bump'

/** Why a transaction counts no more. */
export type DropReason =
  /** Another transaction spent one of its inputs. */
  | 'conflict'
  /** The node knows it no more: evicted, replaced elsewhere, or a coinbase whose block left the chain. */
  | 'vanished'
  /** Another of ours with a higher fee stands in for it, and has its reference. */
  | 'replaced'
  /** The node refused it when it was first sent, so it never left this machine. */
  | 'refused'

/**
 * What can have happened to the wallet. Amounts are sats, scripts and transactions hex, txids in display order. `height` is absent
 * while a transaction is in no block.
 */
export type WalletFact =
  /** An output pays one of our keys. `bond`: it holds up one of our announcements, so no payment may use it. */
  | {
      readonly type: 'wallet.received'
      readonly at: number
      readonly txid: string
      readonly vout: number
      readonly value: bigint
      readonly script: string
      readonly keyPath: KeyPath
      readonly coinbase: boolean
      readonly bond: boolean
      readonly height?: number
    }
  /** The coin `txid:vout` is an input of the transaction `by`. */
  | {
      readonly type: 'wallet.spent'
      readonly at: number
      readonly txid: string
      readonly vout: number
      readonly by: string
      readonly height?: number
    }
  /** A transaction that was known already is in a block now. */
  | { readonly type: 'wallet.confirmed'; readonly at: number; readonly txid: string; readonly height: number }
  /** A reorganisation took its block away. */
  | { readonly type: 'wallet.unconfirmed'; readonly at: number; readonly txid: string }
  /** What it paid us is gone, what it spent is ours again. */
  | { readonly type: 'wallet.dropped'; readonly at: number; readonly txid: string; readonly reason: DropReason }
  /**
   * A transaction of ours, written before it is broadcast: a crash in between broadcasts it again, and nothing is spent twice.
   * Its inputs are reserved from now on. `reference` names what it pays for: never paid a second time.
   */
  | {
      readonly type: 'wallet.sent'
      readonly at: number
      readonly txid: string
      readonly raw: string
      readonly purpose: Purpose
      readonly reference?: string
      /** What it pays for besides, as one transaction that opens several channels. */
      readonly also?: readonly string[]
      readonly inputs: readonly OutPoint[]
      readonly fee: bigint
    }
  /** A key was given out (an address shown, change, a lease's channel) and is not given out again. `reference`: what for. */
  | {
      readonly type: 'wallet.address-used'
      readonly at: number
      readonly keyPath: KeyPath
      readonly reference?: string
    }
  /** The owner's own words for a transaction; the newest count, and none are none. */
  | { readonly type: 'wallet.labelled'; readonly at: number; readonly txid: string; readonly label: string }
  /** The owner's own words for one of the wallet's addresses; the newest count, and none are none. */
  | { readonly type: 'wallet.address-labelled'; readonly at: number; readonly keyPath: KeyPath; readonly label: string }
  /** All blocks up to this one are in the facts before. Written with each block that matters, and now and then. */
  | { readonly type: 'wallet.scanned'; readonly at: number; readonly height: number; readonly hash: string }
