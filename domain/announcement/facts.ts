import type { Verdict } from '../match.ts'
import type { AnnouncementBody } from './body.ts'
import type { AnnouncementRecord } from './record.ts'

/** A record as facts keep it: the body's hash in hex. */
export type RecordFacts = Omit<AnnouncementRecord, 'bodyHash'> & { readonly bodyHash: string }

/** What only the publisher knows of its own announcement: how to rent what is offered for it. */
export type Order = {
  /** OpenSSH public keys that may log in to each machine. */
  readonly authorizedKeys: readonly string[]
  /** One of them is this node's, which it makes of these random-looking bytes (hex) and keeps. Absent: none is. */
  readonly keptKey?: string
  /** Locked in each lease's channel at its begin, sats: its hard budget, unless there is `mostSats`. */
  readonly capacitySats: bigint
  /** Hard budget of each lease, up to which it is topped up by itself when little is left, sats. Absent: only when somebody asks. */
  readonly mostSats?: bigint
  readonly tickMs: number
  readonly dataGraceMs: number
  /** How long before a provider ends a lease by choice it has to say so, ms; absent: not at all. */
  readonly noticeMs?: number
  /** Leases are made longer by themselves, as long as the provider agrees, to this at the most, ms; absent: only when somebody asks. */
  readonly renewUpToMs?: number
  /** The longest pause that is wanted in the terms, ms. Absent: none. */
  readonly maxPauseMs?: number
  /** How long offers are collected after the first one before the best are taken, ms. */
  readonly offerWindowMs: number
  /** Nobody agreed by then (Unix ms): the announcement is withdrawn. Absent: it stands until it expires. */
  readonly giveUpAt?: number
}

/** What can have happened to an announcement, as this node saw it. The stream goes by the announcement's txid. */
export type AnnouncementFact =
  /** This node's own: its body, kept to be served, before the transaction went out. */
  | {
      readonly type: 'announcement.posted'
      readonly at: number
      readonly txid: string
      readonly body: AnnouncementBody
      readonly order: Order
    }
  /**
   * Found in the mempool or in a block. `author` is the key that signed the first input, `height` that of the block which showed it
   * first; absent when it waited in the mempool before.
   */
  | {
      readonly type: 'announcement.seen'
      readonly at: number
      readonly txid: string
      readonly author: string
      readonly bondSats: bigint
      readonly record: RecordFacts
      readonly height?: number
    }
  /** A stranger's is in no block and in no mempool any more: as if it had never been seen. */
  | { readonly type: 'announcement.unseen'; readonly at: number }
  /** The same of an own one: it waits to be sent again. */
  | { readonly type: 'announcement.lost'; readonly at: number }
  | { readonly type: 'announcement.confirmed'; readonly at: number; readonly height: number }
  /** A reorganisation took its block away. */
  | { readonly type: 'announcement.unconfirmed'; readonly at: number }
  /** The body came from the publisher's endpoint and fits the hash. */
  | { readonly type: 'announcement.described'; readonly at: number; readonly body: AnnouncementBody }
  /** This node's policy, rule by rule. */
  | { readonly type: 'announcement.judged'; readonly at: number; readonly verdict: Verdict }
  /**
   * The bond was spent: by its author only, since nobody else can. Without `height` the spend waits in the mempool; the same is
   * said again when it is in a block, and without a height again when that block is gone.
   */
  | { readonly type: 'announcement.withdrawn'; readonly at: number; readonly by: string; readonly height?: number }
  /** The withdrawal is in no block and in no mempool any more. */
  | { readonly type: 'announcement.restored'; readonly at: number }
  | { readonly type: 'announcement.expired'; readonly at: number; readonly height: number }
  /** The block at which it expired is gone. */
  | { readonly type: 'announcement.unexpired'; readonly at: number }
