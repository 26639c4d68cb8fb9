import type { OutPoint, Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import type { Refusal } from '../../domain/fact.ts'
import type { AddressEntry } from '../../domain/wallet/addresses.ts'
import type { BumpRefusal } from '../../domain/wallet/bump.ts'
import type { Balance } from '../../domain/wallet/coins.ts'
import type { DraftRefusal } from '../../domain/wallet/draft.ts'
import type { HistoryEntry } from '../../domain/wallet/history.ts'
import type { KeyAccount } from '../../domain/wallet/key-path.ts'
import type { Key } from './keys.ts'

/** Keys watched beyond the last one used (BIP 44's gap limit), where the keystore does not say otherwise. */
export const KEY_GAP = 20
/** Addresses in a list when no limit is named. */
export const ADDRESSES_LIMIT = 1_000
/** A fee rate above this is a mistake or a lie of the node, and is cut to it; sats per virtual byte. */
export const MAX_FEE_RATE = 1_000
/** A payment shall confirm within about so many blocks when no fee rate is named. */
export const FEE_TARGET_BLOCKS = 3
export const MAX_LABEL_CHARS = 200
/** References that one transaction pays for. */
export const MAX_PAID_AT_ONCE = 50
/** Parts of a PSBT that are combined at once. */
export const MAX_COMBINED = 20
/** Nodes estimate no further (Bitcoin Core's `estimatesmartfee`): a week of ten-minute blocks. */
export const MAX_TARGET_BLOCKS = 1_008
/** Times that a change of the wallet is decided again because someone else appended first. */
export const MAX_CONFLICTS = 20
/** Blocks after which the wallet notes how far it came even though none was about it. */
export const SCAN_NOTE_BLOCKS = 100
/** Pause before an unreachable chain engine is asked again. */
export const FOLLOW_RETRY_MS = 1_000
/** Transactions in a history when no limit is named. */
export const HISTORY_LIMIT = 100

type Options = {
  /**
   * What this pays for, at most 200 characters: the same reference is never paid twice. A repeated call answers with the first
   * transaction, also after a crash in between.
   */
  readonly reference?: string
  /** What else it pays for, as `reference`: all of them are paid by one transaction, or none yet. At most `MAX_PAID_AT_ONCE`. */
  readonly also?: readonly string[]
} & FeeChoice

/** Neither: the chain's estimate for `FEE_TARGET_BLOCKS`. */
export type FeeChoice = {
  /** Sats per virtual byte. */
  readonly feeRate?: number
  /** The chain's estimate to be in a block within so many, 1 to `MAX_TARGET_BLOCKS`. */
  readonly targetBlocks?: number
}

export type Payment = Options & {
  readonly outputs: readonly TxOutput[]
  readonly purpose: 'payment' | 'funding'
}
export type Announcement = Options & { readonly outputs: readonly TxOutput[] }
export type Withdrawal = Options & { readonly outpoint: OutPoint }

/** A transaction of ours, on disk. */
export type SentTransaction = {
  readonly txid: string
  readonly tx: Transaction
  readonly fee: bigint
  /** Whether the node has it; when not (it did not answer), the wallet goes on offering it. */
  readonly broadcast: boolean
  /** It was sent in an earlier call with this reference, and another transaction spent its coins since. It is not paid again. */
  readonly dropped: boolean
}

export type WalletRefusal = DraftRefusal | BumpRefusal | Refusal<'bad-reference' | 'bad-fee-rate' | 'bad-target'>

export type DecodedPsbt = {
  readonly version: 0 | 2
  readonly txid: string
  readonly lockTime: number
  readonly inputs: readonly (OutPoint & {
    readonly spent?: TxOutput
    readonly signed: boolean
    readonly own: boolean
  })[]
  readonly outputs: readonly (TxOutput & { readonly own: boolean })[]
  /** Absent while an input does not say what it spends. */
  readonly fee?: bigint
}

/**
 * Partially signed transactions (BIP 174; version 2: BIP 370; base64), for signers and watchers elsewhere. Making one reserves nothing: until it
 * is broadcast its coins may be spent otherwise.
 *
 * All throw Fault `wallet.bad-psbt`.
 */
export interface PsbtDesk {
  /** An unsigned payment from the wallet's coins. */
  create(
    payment: { readonly outputs: readonly TxOutput[]; readonly version?: 0 | 2 } & FeeChoice,
  ): Promise<{ psbt: string; fee: bigint } | WalletRefusal>
  /** Signs what is ours, when what it says of our coins is true. `signed`: how many inputs. */
  sign(psbt: string): Promise<{ psbt: string; signed: number }>
  /** What it says. Amounts of inputs are its own word; `own`: pays to a key of this wallet. */
  decode(psbt: string): Promise<DecodedPsbt>
  /** What several parties signed, in one. At most `MAX_COMBINED`. */
  combine(psbts: readonly string[]): string
  /** The signed transaction, checked. @throws Fault `wallet.psbt-incomplete` */
  finalize(psbt: string): { psbt: string; tx: Transaction }
}

/** The node's own coins. All amounts are sats. Methods that ask the chain may throw `Fault('chain.unreachable')`: nothing was decided then. */
export interface Wallet {
  /** The node's chain identity: compressed public key, and the script that pays to it. */
  readonly identity: Pick<Key, 'publicKey' | 'script'>
  /** Of the whole wallet, or of one account. */
  balance(account?: KeyAccount): Promise<Balance>
  /** The next address that nobody has paid yet; the same one until somebody does. */
  receiveAddress(): Promise<string>
  /** The script of `receiveAddress`. */
  receiveScript(): Promise<Uint8Array>
  /** The key of one channel, by its reference (a lease id): the same one each time. What is paid to its script is the wallet's. */
  channelKey(reference: string): Promise<Key & { readonly index: number }>
  /**
   * Pays, from confirmed coins and our own change. The transaction is on disk before it is broadcast.
   * @throws Rejected when the node refuses it at once: nothing was sent, the coins are free, the reference may be used again
   */
  pay(payment: Payment): Promise<SentTransaction | WalletRefusal>
  /** Whether a transaction that was not dropped pays for this reference. */
  hasPaid(reference: string): Promise<boolean>
  /** As `pay`, with the identity as first input, so that it is the author. Output 0 is the record, output 1 the bond. */
  announce(announcement: Announcement): Promise<SentTransaction | WalletRefusal>
  /** Spends one coin (an announcement's bond) back to the wallet. Without a reference, the outpoint is the reference. */
  spendOutput(withdrawal: Withdrawal): Promise<SentTransaction | WalletRefusal>
  /**
   * Raises the fee of a transaction that waits: by a replacement of it, or by a child. A second bump is one of what the first made.
   * @returns `replaces`: what is not to be in a block any more
   * @throws Rejected when the node replaces nothing: all is then as before
   */
  bump(txid: string, options?: FeeChoice): Promise<(SentTransaction & { readonly replaces?: string }) | WalletRefusal>
  readonly psbts: PsbtDesk
  /**
   * The owner's words for a transaction of this wallet, at most `MAX_LABEL_CHARS`; none takes them away.
   * @returns why not
   */
  label(txid: string, label: string): Promise<Refusal<'unknown-transaction' | 'bad-label'> | undefined>
  /** The same for one of the wallet's addresses. @throws Fault `chain.bad-address` */
  labelAddress(address: string, label: string): Promise<Refusal<'unknown-address' | 'bad-label'> | undefined>
  /** Addresses that were given out, paid or labelled, by account, the newest first. */
  addresses(limit?: number): Promise<(AddressEntry & { readonly address: string })[]>
  /** One for each account (BIP 380, 382): what finds its addresses and signs nothing. */
  descriptors(): readonly { readonly account: KeyAccount; readonly descriptor: string }[]
  /** Newest first. */
  history(limit?: number): Promise<HistoryEntry[]>
  /**
   * Follows the chain until `signal` is aborted: notes what is paid to us, takes it back on reorganisations, and offers our unconfirmed
   * transactions to the node again. Must run once per wallet; goes on where it stopped.
   * @throws Fault `chain.cursor-unknown` when the engine's chain is another one than this wallet's
   */
  follow(signal: AbortSignal): Promise<void>
}

/** A wallet is unlocked for so long when nothing else is said, and at the most, ms. */
export const USUAL_UNLOCK_MS = 300_000
export const MAX_UNLOCK_MS = 86_400_000

export type LockState = {
  readonly locked: boolean
  /** Unix milliseconds; absent when it stays unlocked, as a node starts. */
  readonly unlockedUntil?: number
}

/**
 * Whether coins may be spent on request. Locked, nobody pays, rents or signs through the API without the keystore's password; leases
 * that run go on, and so does what the node does by itself: its keys stay in memory for that.
 */
export interface SpendingLock {
  state(): LockState
  /** Undefined while coins may be spent. */
  refusal(): Refusal<'wallet-locked'> | undefined
  /** Refused when the keystore has no password: whoever asks could unlock it again. */
  lock(): Refusal<'no-password'> | undefined
  /** @param forMs from now on; then it is locked again. @throws Fault `wallet.wrong-password` and others of `check` */
  unlock(password: string, forMs?: number): Promise<Refusal<'bad-duration'> | undefined>
}
