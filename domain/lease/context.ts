import type { Culprit } from '../fault.ts'
import type { Terms } from '../terms.ts'
import { NO_USAGE, type UsageVector } from '../usage.ts'
import type { PaidBefore } from './budget.ts'
import type { PendingChange } from './change.ts'
import type { FailureCode } from './ends.ts'
import type { ShellAddress, Side } from './facts.ts'
import type { Inside, InsideProblem } from './inside.ts'
import type { Notice } from './notice.ts'
import type { Pause } from './pauses.ts'
import type { SignedReceipt } from './receipt.ts'

/** What the facts of a lease add up to. */
export type LeaseContext = {
  readonly leaseId: string
  readonly side: Side
  readonly announcement: string
  readonly publisherKey: string
  readonly remote: string
  readonly peerKey: string | undefined
  /** The newest proposal, by whom, and whether it was final. */
  readonly proposal: { readonly terms: Terms; readonly by: Side; readonly final: boolean } | undefined
  readonly terms: Terms | undefined
  readonly agreedAt: number | undefined
  readonly shell: ShellAddress | undefined
  readonly funding: { readonly txid: string; readonly vout: number } | undefined
  /** When the first tick began: the moment when machine and money were both there. */
  readonly servingSince: number | undefined
  readonly tick: number
  readonly usage: UsageVector
  readonly owedMsat: bigint
  /** Of the publisher's own readings; absent from states that were folded before there were any. */
  readonly inside?: Inside
  /** Why the last try read nothing. */
  readonly unread?: InsideProblem | undefined
  readonly paidTick: number
  readonly paidSats: bigint
  readonly paidBefore: PaidBefore
  /** Channels beside the first that are funded, in order. */
  readonly topUps: readonly {
    readonly leg: number
    readonly txid: string
    readonly vout: number
    readonly capacitySats: bigint
  }[]
  /** A top-up that was asked for and is not done; in the publisher's log only. */
  readonly wanted: { readonly leg: number; readonly sats: bigint } | undefined
  /** Other terms that are asked for and not answered. */
  readonly change: PendingChange
  /** References of all that were ever wanted. */
  readonly references: readonly string[]
  /** Number of the next top-up; none is used twice. */
  readonly nextLeg: number
  /** Spends of some of the channels that are in a block. */
  readonly parts: readonly {
    readonly legs: readonly number[]
    readonly txid: string
    readonly height: number
    readonly paidSats: bigint
  }[]
  /** The newest of each side, and the one that is due first. */
  readonly notices: readonly Notice[]
  readonly notice: Notice | undefined
  /** This side wants it to stand still. */
  readonly pauseWanted: boolean
  /** It wrote down what it wants: nothing is taken for its wish any more. */
  readonly pauseWishTold: boolean
  /** Since when; undefined while it does not. */
  readonly pauseWantedAt: number | undefined
  /** Why the machine stands still, the first reason first; and since when without a break. */
  readonly pauses: readonly Pause[]
  readonly pausedSince: number | undefined
  /** The CPU that it gets for now, thousandths of a core; undefined: all that was agreed. */
  readonly shrunkTo: number | undefined
  readonly end: { readonly code: string; readonly culprit: Culprit; readonly at: number } | undefined
  /** Why it never came to be. */
  readonly failure: FailureCode | undefined
  readonly released: boolean
  readonly receipt: SignedReceipt | undefined
}

/** Before anything has happened. */
export const begin: LeaseContext = {
  leaseId: '',
  side: 'publisher',
  announcement: '',
  publisherKey: '',
  remote: '',
  peerKey: undefined,
  proposal: undefined,
  terms: undefined,
  agreedAt: undefined,
  shell: undefined,
  funding: undefined,
  servingSince: undefined,
  tick: 0,
  usage: NO_USAGE,
  owedMsat: 0n,
  paidTick: -1,
  paidSats: 0n,
  paidBefore: { day: 0, sats: 0n },
  topUps: [],
  wanted: undefined,
  change: {},
  references: [],
  nextLeg: 1,
  parts: [],
  pauseWanted: false,
  pauseWishTold: false,
  pauseWantedAt: undefined,
  pauses: [],
  pausedSince: undefined,
  shrunkTo: undefined,
  notices: [],
  notice: undefined,
  end: undefined,
  failure: undefined,
  released: false,
  receipt: undefined,
}
