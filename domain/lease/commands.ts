import type { Verdict } from '../match.ts'
import type { Terms } from '../terms.ts'
import type { UsageVector } from '../usage.ts'
import type { EndCode, FailureCode } from './ends.ts'
import type { Hardware, ShellAddress, Side } from './facts.ts'
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
  | { readonly kind: 'pay'; readonly at: number; readonly tick: number; readonly paidSats: bigint }
  | {
      readonly kind: 'starve'
      readonly at: number
      readonly tick: number
      readonly why: 'unpaid' | 'peer-unreachable' | 'unconfirmed'
    }
  | { readonly kind: 'notice'; readonly at: number; readonly by: Side; readonly code: EndCode }
  | { readonly kind: 'end'; readonly at: number; readonly code: EndCode; readonly why: string }
  | { readonly kind: 'release'; readonly at: number }
  | { readonly kind: 'receipt'; readonly at: number; readonly signed: SignedReceipt }
  /** The channel was spent in a block; `returned` is the output at the funding's place, which gives the publisher the rest. */
  | {
      readonly kind: 'settle'
      readonly at: number
      readonly txid: string
      readonly height: number
      readonly returned: { readonly sats: bigint; readonly script: string } | undefined
    }
  | { readonly kind: 'refund'; readonly at: number; readonly txid: string; readonly height: number }
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
