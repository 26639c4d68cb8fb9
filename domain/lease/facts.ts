import type { Availability, Served } from '../availability/availability.ts'
import type { Culprit } from '../fault.ts'
import type { Verdict } from '../match.ts'
import type { Terms } from '../terms.ts'
import type { UsageVector } from '../usage.ts'
import type { Change } from './change.ts'
import type { EndCode, FailureCode } from './ends.ts'
import type { Inside, InsideProblem } from './inside.ts'
import type { PauseCode } from './pauses.ts'
import type { SignedReceipt } from './receipt.ts'
import type { Stage } from './stage.ts'

/** Which side of the lease a journal belongs to. */
export type Side = 'publisher' | 'provider'

/** The machine's shell: where and as whom to log in, and the host key that must answer. */
export type ShellAddress = { readonly user: string; readonly hostKey: string }

/**
 * Why a lease was not topped up. The first three are the provider's to say: it is about to end, has too little time left, or does not
 * know the lease as the publisher does.
 */
export const TOP_UP_PROBLEMS = [
  'ending',
  'expiring',
  'top-up-out-of-order',
  'insufficient-funds',
  'wallet-refused',
  'lease-ended',
] as const
export type TopUpProblem = (typeof TOP_UP_PROBLEMS)[number]

/**
 * Why terms were not changed: it is worse for the side that was asked, it ends, its channel (`channel-expires`; `expiring` in older
 * logs), the provider's policy or its owner's hours allow no longer duration, the two sides know other ticks, or another change is under way.
 */
export const CHANGE_PROBLEMS = [
  'not-better',
  'ending',
  'expiring',
  'channel-expires',
  'policy-says-no',
  'outside-hours',
  'out-of-step',
  'change-pending',
  'bad-change',
  'too-many-changes',
] as const
export type ChangeProblem = (typeof CHANGE_PROBLEMS)[number]

/** What can have happened to a lease. Both sides keep these, each in its own journal. */
export type LeaseFact =
  /** A provider found an announcement that it could serve (its side), or came to serve it (the publisher's). */
  | {
      readonly type: 'lease.sought'
      readonly at: number
      readonly leaseId: string
      readonly side: Side
      /** The announcement's bond, `txid:vout`. */
      readonly announcement: string
      readonly publisherKey: string
      /** Where the publisher listens; where the provider called from. */
      readonly remote: string
    }
  | { readonly type: 'lease.matched'; readonly at: number; readonly verdict: Verdict }
  | { readonly type: 'lease.connected'; readonly at: number; readonly remote: string }
  /** The other side signed this session's challenge with `peerKey`. */
  | { readonly type: 'lease.challenged'; readonly at: number; readonly peerKey: string }
  /**
   * The provider's proposal. A final one is not to be countered. `availability`: what the provider says of itself; `seen`: what this
   * publisher saw of it before, in its log only. Both absent while there is nothing to tell.
   */
  | {
      readonly type: 'lease.offered'
      readonly at: number
      readonly terms: Terms
      readonly hardware: Hardware
      readonly final: boolean
      readonly availability?: Availability
      readonly seen?: Served
    }
  | { readonly type: 'lease.countered'; readonly at: number; readonly terms: Terms; readonly final: boolean }
  /** Both signed the hash of the same terms; BIP 340, hex. */
  | {
      readonly type: 'lease.agreed'
      readonly at: number
      readonly terms: Terms
      readonly publisherSignature: string
      readonly providerSignature: string
    }
  | { readonly type: 'lease.provisioned'; readonly at: number; readonly shell: ShellAddress }
  | {
      readonly type: 'lease.funded'
      readonly at: number
      readonly txid: string
      readonly vout: number
      readonly capacitySats: bigint
    }
  /** Cumulative usage up to a tick; `owedMsat` follows from it and the terms. */
  | {
      readonly type: 'lease.metered'
      readonly at: number
      readonly tick: number
      readonly usage: UsageVector
      readonly owedMsat: bigint
    }
  /** The publisher read the machine's counters from inside. In the publisher's log only, as the next. */
  | { readonly type: 'lease.inside-read'; readonly at: number; readonly inside: Inside }
  /** It could not, from now on, until the next reading. */
  | { readonly type: 'lease.inside-unread'; readonly at: number; readonly why: InsideProblem }
  /** A voucher for `paidSats` in all. Tick 0 is the one that comes with the funding. */
  | { readonly type: 'lease.paid'; readonly at: number; readonly tick: number; readonly paidSats: bigint }
  /** No voucher in time: the machine stands still and nothing is billed. */
  | {
      readonly type: 'lease.starved'
      readonly at: number
      readonly tick: number
      readonly why: 'unpaid' | 'peer-unreachable' | 'unconfirmed'
    }
  /** Somebody asked for the end: at `endsAt` by this node's wall clock, Unix ms; absent: at once. Said again, it is brought forward. */
  | {
      readonly type: 'lease.noticed'
      readonly at: number
      readonly by: Side
      readonly code: EndCode
      readonly endsAt?: number
    }
  /** Who gave notice took it back. */
  | { readonly type: 'lease.notice-withdrawn'; readonly at: number; readonly by: Side }
  /** One side wants other terms; `number` of the revision that it would be. In its own log. */
  | {
      readonly type: 'lease.change-wanted'
      readonly at: number
      readonly by: Side
      readonly number: number
      readonly change: Change
    }
  /** The provider signed the changed terms, and waits for the publisher's signature; BIP 340, hex. In the provider's log. */
  | { readonly type: 'lease.change-offered'; readonly at: number; readonly terms: Terms; readonly signature: string }
  /** Both signed these terms in the place of those before. */
  | {
      readonly type: 'lease.changed'
      readonly at: number
      readonly terms: Terms
      readonly publisherSignature: string
      readonly providerSignature: string
    }
  /** Nothing comes of a change. */
  | {
      readonly type: 'lease.change-refused'
      readonly at: number
      readonly number: number
      readonly code: ChangeProblem
      readonly why: string
    }
  /** This side wants the machine to stand still, or to go on; in its own log only. */
  | { readonly type: 'lease.pause-wanted'; readonly at: number; readonly paused: boolean }
  /** The machine stands still for this reason, perhaps beside others: only its disk is owed. */
  | { readonly type: 'lease.paused'; readonly at: number; readonly code: PauseCode }
  /** The reason is gone. The machine goes on, unless another one is said in the same unit. */
  | { readonly type: 'lease.resumed'; readonly at: number; readonly code: PauseCode }
  /** The owner of the machine needs it: the lease gets so much CPU, thousandths of a core, instead of what was agreed. In the provider's log. */
  | { readonly type: 'lease.shrunk'; readonly at: number; readonly cpuMillis: number }
  /** It gets all of it again. */
  | { readonly type: 'lease.unshrunk'; readonly at: number }
  | {
      readonly type: 'lease.ended'
      readonly at: number
      readonly code: EndCode
      readonly culprit: Culprit
      readonly why: string
    }
  /** The machine and its data are gone. */
  | { readonly type: 'lease.released'; readonly at: number }
  | { readonly type: 'lease.receipted'; readonly at: number; readonly signed: SignedReceipt }
  /** The publisher wants more coin in the lease: a channel of so many sats beside those that it has. */
  | {
      readonly type: 'lease.top-up-wanted'
      readonly at: number
      readonly leg: number
      readonly sats: bigint
      /** Chosen by whoever asked: the same one again wants nothing more. */
      readonly reference: string
    }
  /** That channel is funded; `leg`: its number, the first one of the lease is 0. */
  | {
      readonly type: 'lease.topped-up'
      readonly at: number
      readonly leg: number
      readonly txid: string
      readonly vout: number
      readonly capacitySats: bigint
    }
  /** Nothing came of it, and nothing was locked. */
  | {
      readonly type: 'lease.top-up-refused'
      readonly at: number
      readonly leg: number
      readonly code: TopUpProblem
      readonly why: string
    }
  /** The spend of some of the lease's channels is in a block; others are not spent yet. */
  | {
      readonly type: 'lease.settled-in-part'
      readonly at: number
      readonly legs: readonly number[]
      readonly txid: string
      readonly height: number
      readonly paidSats: bigint
    }
  /** The channels' spend is in a block: the provider was paid `paidSats` in all. */
  | {
      readonly type: 'lease.settled'
      readonly at: number
      readonly txid: string
      readonly height: number
      readonly paidSats: bigint
    }
  /** The publisher has everything back: by a refund, or because the funding came into no block and never will; `txid` is that one's then. */
  | { readonly type: 'lease.refunded'; readonly at: number; readonly txid: string; readonly height: number }
  | {
      readonly type: 'lease.lapsed'
      readonly at: number
      readonly stage: Stage
      readonly code: FailureCode
      readonly culprit: Culprit
    }
  | {
      readonly type: 'lease.refused'
      readonly at: number
      readonly code: FailureCode
      readonly culprit: Culprit
      readonly why: string
    }
  | {
      readonly type: 'lease.failed'
      readonly at: number
      readonly code: FailureCode
      readonly culprit: Culprit
      readonly why: string
    }

/** What a provider says of its machine; benchmark marks are work per second, higher is better. */
export type Hardware = {
  readonly cpuModel: string
  readonly cores: number
  readonly memoryBytes: number
  readonly marks: Readonly<Record<string, number>>
}
