import type { Availability, Served } from '../availability/availability.ts'
import type { Verdict } from '../match.ts'
import type { Terms } from '../terms.ts'
import type { UsageVector } from '../usage.ts'
import type { Change } from './change.ts'
import type { EndCode, FailureCode } from './ends.ts'
import type { ChangeProblem, Hardware, ShellAddress, Side, TopUpProblem } from './facts.ts'
import type { InsideProblem, InsideReading } from './inside.ts'
import type { PauseCode } from './pauses.ts'
import type { SignedReceipt } from './receipt.ts'
import type { Stage } from './stage.ts'

/** What a lease can be asked to do. `at` is the wall clock, Unix ms. */
export type LeaseCommand =
  | {
      readonly kind: 'seek'
      readonly at: number
      readonly leaseId: string
      readonly side: Side
      readonly announcement: string
      readonly publisherKey: string
      readonly remote: string
    }
  | { readonly kind: 'match'; readonly at: number; readonly verdict: Verdict }
  | { readonly kind: 'connect'; readonly at: number; readonly remote: string }
  /** `peerKey` has signed this session's challenge. */
  | { readonly kind: 'challenge'; readonly at: number; readonly peerKey: string }
  | {
      readonly kind: 'offer'
      readonly at: number
      readonly terms: Terms
      readonly hardware: Hardware
      readonly final: boolean
      readonly availability?: Availability
      readonly seen?: Served
    }
  | { readonly kind: 'counter'; readonly at: number; readonly terms: Terms; readonly final: boolean }
  /** Both signatures were checked by the caller. */
  | {
      readonly kind: 'agree'
      readonly at: number
      readonly terms: Terms
      readonly publisherSignature: string
      readonly providerSignature: string
    }
  | { readonly kind: 'provision'; readonly at: number; readonly shell: ShellAddress }
  | {
      readonly kind: 'fund'
      readonly at: number
      readonly txid: string
      readonly vout: number
      readonly capacitySats: bigint
    }
  /** `elapsedUs`: how long the machine can have been in use, by the clock of whoever checks. */
  | {
      readonly kind: 'meter'
      readonly at: number
      readonly tick: number
      readonly usage: UsageVector
      readonly elapsedUs: bigint
    }
  /** What was read inside the machine, or why nothing was. */
  | { readonly kind: 'inside'; readonly at: number; readonly reading: InsideReading | InsideProblem }
  | { readonly kind: 'pay'; readonly at: number; readonly tick: number; readonly paidSats: bigint }
  | {
      readonly kind: 'starve'
      readonly at: number
      readonly tick: number
      readonly why: 'unpaid' | 'peer-unreachable' | 'unconfirmed'
    }
  /** `endsAt`: when it is to end, Unix ms; absent: at once. */
  | {
      readonly kind: 'notice'
      readonly at: number
      readonly by: Side
      readonly code: EndCode
      readonly endsAt?: number
    }
  /** Whoever gave notice takes it back. */
  | { readonly kind: 'withdraw-notice'; readonly at: number; readonly by: Side }
  | { readonly kind: 'want-pause'; readonly at: number; readonly paused: boolean }
  | { readonly kind: 'pause'; readonly at: number; readonly code: PauseCode }
  | { readonly kind: 'resume'; readonly at: number; readonly code: PauseCode }
  /** What the lease gets of its CPU: less than was agreed, or all of it. */
  | { readonly kind: 'shrink'; readonly at: number; readonly cpuMillis: number }
  | { readonly kind: 'end'; readonly at: number; readonly code: EndCode; readonly why: string }
  | { readonly kind: 'release'; readonly at: number }
  | { readonly kind: 'receipt'; readonly at: number; readonly signed: SignedReceipt }
  /** This side wants other terms. */
  | { readonly kind: 'want-change'; readonly at: number; readonly by: Side; readonly change: Change }
  | { readonly kind: 'offer-change'; readonly at: number; readonly terms: Terms; readonly signature: string }
  /** Both signatures were checked by the caller. */
  | {
      readonly kind: 'agree-change'
      readonly at: number
      readonly terms: Terms
      readonly publisherSignature: string
      readonly providerSignature: string
    }
  | {
      readonly kind: 'refuse-change'
      readonly at: number
      readonly number: number
      readonly code: ChangeProblem
      readonly why: string
    }
  /** The publisher wants so many sats more in the lease. */
  | { readonly kind: 'want-top-up'; readonly at: number; readonly sats: bigint; readonly reference: string }
  /** A further channel was funded, with terms that both sides have. */
  | {
      readonly kind: 'top-up'
      readonly at: number
      readonly leg: number
      readonly txid: string
      readonly vout: number
      readonly capacitySats: bigint
    }
  /** Nothing comes of the top-up, and nothing was locked for it. */
  | {
      readonly kind: 'give-up-top-up'
      readonly at: number
      readonly leg: number
      readonly code: TopUpProblem
      readonly why: string
    }
  /** Channels were spent in a block by `txid`; `returned`: the outputs at their places, which give the publisher the rest. */
  | {
      readonly kind: 'settle'
      readonly at: number
      readonly txid: string
      readonly height: number
      readonly returned: readonly { readonly sats: bigint; readonly script: string }[]
      /** Which of the lease's channels; absent: the first. */
      readonly legs?: readonly number[]
    }
  | {
      readonly kind: 'refund'
      readonly at: number
      readonly txid: string
      readonly height: number
      readonly legs?: readonly number[]
    }
  | { readonly kind: 'lapse'; readonly at: number; readonly stage: Stage }
  | { readonly kind: 'refuse'; readonly at: number; readonly code: FailureCode; readonly why: string }
  | { readonly kind: 'fail'; readonly at: number; readonly code: FailureCode; readonly why: string }

export type LeaseRefusal =
  | 'already-begun'
  | 'policy-says-no'
  | 'wrong-key'
  | 'terms-differ'
  | 'final-offer'
  | 'nothing-offered'
  | 'wrong-capacity'
  | 'tick-out-of-order'
  | 'usage-impossible'
  | 'voucher-goes-back'
  | 'over-capacity'
  | 'underpaid'
  | 'wrong-receipt'
  | 'top-up-pending'
  | 'too-many-top-ups'
  | 'top-up-too-small'
  | 'top-up-out-of-order'
  | 'ending'
  | 'notice-given'
  | 'bad-notice'
  | 'bad-change'
  | 'change-pending'
  | 'too-many-changes'
  | 'pause-not-agreed'
