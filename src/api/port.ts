import type { AnnouncementBody } from '../../domain/announcement/body.ts'
import type { Order } from '../../domain/announcement/facts.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import type { Culprit } from '../../domain/fault.ts'
import type { Policy, Situation } from '../../domain/match.ts'
import type { Resources } from '../../domain/resources.ts'
import type { KeyAccount } from '../../domain/wallet/key-path.ts'
import type { ShellTerminal, TerminalSize } from '../shell/port.ts'
import type { ChainNetwork } from './network/port.ts'

/** Something was not done, and why: what a person needs to act. `code` is stable. */
export type Problem = {
  readonly problem: true
  readonly code: string
  readonly message: string
  readonly culprit: Culprit | 'you'
  readonly next: string
  /** The command comes too early or too late: the state that it met, and the facts that may follow there. */
  readonly conflict?: { readonly state: string; readonly accepts: readonly string[] }
}

/** `position`: the log position from which the command's effect can be read. */
export type Done<T> = T & { readonly position: number }

export type AnnouncementRequest = {
  readonly body: AnnouncementBody
  readonly order: Order
  /** Blocks from now until the announcement expires. */
  readonly expiryBlocks: number
  /** This node makes a key as well, and keeps it for as long as the leases last. */
  readonly keepKey?: true
}

/** Where and how to log in to a running lease from this machine; known_hosts is pinned by the terms. */
export type ShellEntry = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly hostKey: string
}

/** One account of the wallet, sats. `reserved` is spent by own transactions that are in no block yet. */
export type AccountBalance = {
  readonly account: KeyAccount
  readonly confirmedSats: bigint
  readonly unconfirmedSats: bigint
  readonly immatureSats: bigint
  readonly reservedSats: bigint
}

export type WalletBalance = {
  readonly confirmedSats: bigint
  readonly unconfirmedSats: bigint
  /** Mined, and not yet old enough to be spent. */
  readonly immatureSats: bigint
  /** Locked in the bonds of own announcements. */
  readonly bondedSats: bigint
}

/** Other terms for a lease that runs, as people ask for them. Absent: as it is. */
export type ChangeRequest = {
  /** Of the present price, but for that of the start. */
  readonly pricePercent?: number
  readonly maxDurationMs?: number
  /** Instead: so much longer than now. */
  readonly longerByMs?: number
  readonly noticeMs?: number
  readonly dataGraceMs?: number
}

/** What own leases cost in the present day of UTC, and may, sats. `reserved`: what those that run may still owe in the end. */
export type Budget = {
  /** Unix ms. */
  readonly dayBegan: number
  readonly limitSats?: bigint
  readonly spentSats: bigint
  readonly reservedSats: bigint
  readonly leftSats?: bigint
}

/** One transaction as the wallet's owner sees it. `change`: what it added to our coins or took from them, sats, fee and all. */
export type WalletEntry = {
  readonly txid: string
  readonly at: number
  readonly change: bigint
  readonly height?: number
  /** Another transaction spent its coins. */
  readonly dropped: boolean
  readonly purpose?: string
  readonly fee?: bigint
  readonly label?: string
}

/** `addresses`: of its outputs, in order; undefined for a script that has none. */
export type KnownTransaction = {
  readonly tx: Transaction
  readonly height?: number
  readonly addresses: readonly (string | undefined)[]
}

/** A peer is everything that this node had with somebody: their identity key, hex. */
export type ForgetTarget = { readonly kind: 'lease' | 'announcement' | 'peer'; readonly id: string }

/** Something that can be forgotten: a lease or an announcement. */
export type ForgetSubject = {
  readonly kind: 'lease' | 'announcement'
  readonly id: string
  /** Facts with personal fields that go with the key. */
  readonly sealed: number
  /** Facts with personal fields from before there were keys: they stay in the log. */
  readonly plain: number
  readonly forgotten: boolean
  /** Why it cannot be forgotten yet. */
  readonly obstacle?: { readonly code: string; readonly why: string; readonly next: string }
}

/** See docs/forgetting.md. */
export interface Forgetting {
  examine(target: ForgetTarget): Promise<readonly ForgetSubject[] | Problem>
  /** All of it, or nothing when there is an obstacle. What is forgotten already stays so. */
  forget(target: ForgetTarget): Promise<Done<{ subjects: readonly ForgetSubject[] }> | Problem>
}

/** What a person can tell an effect: see `domain/effect/effect.ts`. */
export interface EffectCommands {
  replay(effectId: string): Promise<Done<{ effectId: string }> | Problem>
  drop(effectId: string): Promise<Done<{ effectId: string }> | Problem>
}

/** What a provider lends out, and by which rules. */
export type Lending = {
  readonly policy: Policy
  readonly total: Resources
  /** How long from now on without a break; undefined: always. */
  readonly open: Situation['open']
  /** How available it was until now. */
  readonly availability: Situation['availability']
}

/** Shells of leases that this node rents, with the keys that it keeps for them. */
export interface Terminals {
  /** Whether a key is kept that the terms of the lease contain. */
  keyKept(leaseId: string): Promise<boolean>
  open(leaseId: string, terminal: TerminalSize & { readonly term: string }): Promise<ShellTerminal | Problem>
}

/** What a node's API asks of the node. Reading goes through the projections; these are the commands and the live values. */
export interface Market {
  /** Puts an announcement on the chain and rents from the best who answer. `idempotencyKey`: repeated, it answers as before. */
  postAnnouncement(request: AnnouncementRequest, idempotencyKey: string): Promise<Done<{ txid: string }> | Problem>
  /** What `postAnnouncement` would be refused with now; nothing is done. */
  checkAnnouncement(request: AnnouncementRequest): Promise<Problem | undefined>
  withdrawAnnouncement(txid: string): Promise<Done<{ txid: string; withdrawalTxid: string }> | Problem>
  /**
   * Asks for the end in `inMs`; given again in the data grace: the data is fetched, the machine may go now. Absent: at once, or for a
   * provider after the notice that it agreed to give.
   */
  stopLease(leaseId: string, inMs?: number): Promise<Done<{ leaseId: string }> | Problem>
  /** Takes an announced end back that was announced here. */
  withdrawNotice(leaseId: string): Promise<Done<{ leaseId: string }> | Problem>
  /** Asks the other side for other terms. Answered once it is written down: the lease's events tell what came of it. */
  changeLease(leaseId: string, request: ChangeRequest): Promise<Done<{ leaseId: string }> | Problem>
  /**
   * Locks so many sats more in a lease that runs, in a channel beside the first. Answered once it is written down: the lease's events
   * tell when the provider agreed, and when it is funded.
   */
  topUpLease(leaseId: string, sats: bigint, idempotencyKey: string): Promise<Done<{ leaseId: string }> | Problem>
  /** Wants a lease's machine to stand still, or to go on; its events tell when it does. */
  pauseLease(leaseId: string, paused: boolean): Promise<Done<{ leaseId: string }> | Problem>
  send(
    payment: { address: string; sats: bigint } & FeeChoice,
    idempotencyKey: string,
  ): Promise<Done<{ txid: string }> | Problem>
  /** Undefined while there is no shell to log in to, or the lease is not this publisher's. */
  shell(leaseId: string): Promise<ShellEntry | undefined>
  balance(): Promise<WalletBalance>
  /** Undefined when this node rents nothing. */
  budget(): Budget | undefined
  /** The same by account, in the order of `KEY_ACCOUNTS`. */
  balances(): Promise<readonly AccountBalance[]>
  receiveAddress(): Promise<string>
  /** Newest first, at most `limit`. */
  walletHistory(limit: number): Promise<readonly WalletEntry[]>
  transaction(txid: string): Promise<KnownTransaction | undefined>
  /** Sats per virtual byte to be in one of the next `blocks`; undefined where there is no chain to ask. */
  feeRate(blocks: number): Promise<number | undefined>
  /** Undefined where there is no chain. */
  chainNetwork(): ChainNetwork | undefined
  /** Undefined when this node lends nothing out. */
  lending(): Promise<Lending | undefined>
  status(): NodeStatus
  /** Absent where the log is only read, and for who is not the node's owner. */
  readonly forgetting?: Forgetting
  /** Absent likewise. */
  readonly effects?: EffectCommands
  /** Absent as `forgetting` is. */
  readonly desk?: WalletDesk
  /** Absent where the log is only read. */
  readonly terminals?: Terminals
}

/** Neither: the chain's estimate. */
export type FeeChoice = {
  /** Sats per virtual byte. */
  readonly feeRate?: number
  /** To be in a block within about so many. */
  readonly targetBlocks?: number
}

export type LockState = { readonly locked: boolean; readonly unlockedUntil?: number }

export type WalletAddress = {
  readonly address: string
  readonly account: KeyAccount
  readonly index: number
  readonly receivedSats: bigint
  readonly unspentSats: bigint
  readonly label?: string
}

/** Addresses are absent where a script has none. */
export type PsbtText = {
  readonly version: number
  readonly txid: string
  readonly feeSats?: bigint
  readonly inputs: readonly {
    readonly txid: string
    readonly vout: number
    readonly sats?: bigint
    readonly address?: string
    readonly own: boolean
    readonly signed: boolean
  }[]
  readonly outputs: readonly { readonly sats: bigint; readonly address?: string; readonly own: boolean }[]
}

/** Unused addresses in a row that end a branch of a descriptor which is watched, at the most. */
export const MAX_WATCH_GAP = 200
/** Addresses of a branch that are looked at: each is derived for every question. */
export const MAX_WATCHED_ADDRESSES = 2_000

/** `text`: with its checksum. A branch that is not ranged has one address, at index 0. */
export type ReadDescriptor = {
  readonly text: string
  readonly branches: readonly { readonly ranged: boolean; addressAt(index: number): string }[]
}

/** What the owner of the coins does beyond paying. PSBTs are in base64. */
export interface WalletDesk {
  /** Raises the fee of a transaction that waits. `replaces`: what the new one stands in for; else it is a child. */
  bump(txid: string, choice: FeeChoice): Promise<Done<{ txid: string; feeSats: bigint; replaces?: string }> | Problem>
  /** The owner's own words for a transaction; none takes them away. */
  label(txid: string, label: string): Promise<Done<{ txid: string; label: string }> | Problem>
  /** The same for an address of the wallet. */
  labelAddress(address: string, label: string): Promise<Done<{ address: string; label: string }> | Problem>
  /** Those that were given out, paid or labelled. */
  addresses(): Promise<readonly WalletAddress[]>
  createPsbt(
    payment: { address: string; sats: bigint; version?: 0 | 2 } & FeeChoice,
  ): Promise<Done<{ psbt: string; feeSats: bigint }> | Problem>
  signPsbt(psbt: string): Promise<Done<{ psbt: string; signed: number }> | Problem>
  /** What it says: nothing is signed. */
  decodePsbt(psbt: string): Promise<Done<PsbtText> | Problem>
  combinePsbts(psbts: readonly string[]): Promise<Done<{ psbt: string }> | Problem>
  finalizePsbt(
    psbt: string,
    broadcast: boolean,
  ): Promise<Done<{ psbt: string; txid: string; raw: string; broadcast: boolean }> | Problem>
  /** One for each account, to watch its addresses elsewhere. */
  descriptors(): readonly { readonly account: KeyAccount; readonly descriptor: string }[]
  /** Of any wallet. @throws Fault `wallet.bad-descriptor`, `chain.bad-address` */
  readDescriptor(text: string): ReadDescriptor
  lockState(): LockState
  /** From now on nothing is spent on request; leases that run go on. */
  lock(): Promise<Done<LockState> | Problem>
  /** For a while. */
  unlock(password: string, forMs?: number): Promise<Done<LockState> | Problem>
}

export type NodeStatus = {
  readonly version: string
  readonly network: string
  /** Identity key, hex; undefined when this node only reads the log. */
  readonly identity: string | undefined
  readonly roles: readonly string[]
  /** `none` when this node only reads the log. */
  readonly chain: string
  /** The engine of signatures, and why it is not the native one where it is not. */
  readonly curve: string
  readonly machines: string | undefined
  /** Where this publisher listens for providers. */
  readonly endpoint: string | undefined
}
