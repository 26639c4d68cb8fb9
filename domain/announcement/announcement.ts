import { toHex } from '../bytes.ts'
import { encode } from '../codec.ts'
import { chartDecider, type StateOf } from '../decider.ts'
import type { Refusal } from '../fact.ts'
import type { Verdict } from '../match.ts'
import { type AnnouncementBody, bodyHash } from './body.ts'
import { type AnnouncementContext, announcementChart, type Withdrawal } from './chart.ts'
import type { AnnouncementFact, Order, RecordFacts } from './facts.ts'

export type AnnouncementCommand =
  | {
      readonly kind: 'post'
      readonly at: number
      readonly txid: string
      readonly body: AnnouncementBody
      readonly order: Order
    }
  | {
      readonly kind: 'see'
      readonly at: number
      readonly txid: string
      readonly author: string
      readonly bondSats: bigint
      readonly record: RecordFacts
      /** Of its block; absent: it waits in the mempool. */
      readonly height?: number
    }
  /** It left the mempool, and no block took it. */
  | { readonly kind: 'unsee'; readonly at: number }
  | { readonly kind: 'confirm'; readonly at: number; readonly height: number }
  /** Its block is gone. */
  | { readonly kind: 'unconfirm'; readonly at: number; readonly height?: number }
  | { readonly kind: 'describe'; readonly at: number; readonly body: AnnouncementBody }
  | { readonly kind: 'judge'; readonly at: number; readonly verdict: Verdict }
  /** The bond is spent; `height` of the block, absent: the spend waits in the mempool. */
  | { readonly kind: 'withdraw'; readonly at: number; readonly by: string; readonly height?: number }
  /** The spend's block, at `height`, is gone; without a height: the spend left the mempool, and no block took it. */
  | { readonly kind: 'restore'; readonly at: number; readonly height?: number }
  | { readonly kind: 'expire'; readonly at: number; readonly height: number }
  /** The block at `height` is gone. */
  | { readonly kind: 'unexpire'; readonly at: number; readonly height: number }

/** `wrong-body`: a body that does not have the hash on the chain. */
export type AnnouncementRefusal = 'wrong-body' | 'not-yet-expired'

export type AnnouncementState = StateOf<typeof announcementChart>

const propose = (
  command: AnnouncementCommand,
  { value, context }: AnnouncementState,
): readonly AnnouncementFact[] | Refusal<AnnouncementRefusal> => {
  const { at } = command
  switch (command.kind) {
    case 'post':
      // The chain may show this node its own transaction before the command comes here.
      return !context.own && (value === 'unknown' || value === 'standing')
        ? [{ type: 'announcement.posted', at, txid: command.txid, body: command.body, order: command.order }]
        : []
    case 'see': {
      if (context.record !== undefined) return []
      const { txid, author, bondSats, record } = command
      return [{ type: 'announcement.seen', at, txid, author, bondSats, record, ...placed(command) }]
    }
    case 'unsee':
      return context.height === undefined && (value === 'standing' || value === 'expired') ? unseen(at, context) : []
    case 'confirm':
      return context.height === command.height ? [] : [{ type: 'announcement.confirmed', at, height: command.height }]
    case 'unconfirm':
      if (context.height === undefined) return []
      // Never in the mempool before: with its block it is gone, until the mempool has it. What is withdrawn stays known.
      return context.seenIn === context.height && value !== 'withdrawn'
        ? [{ type: 'announcement.unconfirmed', at }, ...unseen(at, context)]
        : [{ type: 'announcement.unconfirmed', at }]
    case 'describe': {
      if (context.body !== undefined) return []
      const hash = toHex(bodyHash(command.body))
      return hash === context.record?.bodyHash
        ? [{ type: 'announcement.described', at, body: command.body }]
        : { refused: 'wrong-body', why: `hash ${hash}, the chain says ${context.record?.bodyHash}` }
    }
    case 'judge':
      return encode(command.verdict) === encode(context.verdict)
        ? []
        : [{ type: 'announcement.judged', at, verdict: command.verdict }]
    case 'withdraw': {
      const { by, height } = command
      const known = value === 'withdrawn'
      // The mempool has no say against a block, nor anything new about what is known.
      if (known && (height === undefined || sameSpend(context.withdrawal, by, height))) return []
      return [{ type: 'announcement.withdrawn', at, by, ...placed(command) }]
    }
    case 'restore':
      return value === 'withdrawn' ? restored(at, command.height, context) : []
    case 'expire':
      if (value === 'expired' || value === 'withdrawn') return []
      return context.record !== undefined && command.height < context.record.expiryHeight
        ? { refused: 'not-yet-expired', why: `height ${command.height} is before ${context.record.expiryHeight}` }
        : [{ type: 'announcement.expired', at, height: command.height }]
    case 'unexpire':
      return context.expiredAt === command.height ? unexpired(at, context) : []
  }
}

const placed = ({ height }: { readonly height?: number }): { readonly height?: number } =>
  height === undefined ? {} : { height }

const sameSpend = (known: Withdrawal | undefined, by: string, height: number): boolean =>
  known?.by === by && known.height === height

const unseen = (at: number, { own }: AnnouncementContext): AnnouncementFact[] => [
  { type: own ? 'announcement.lost' : 'announcement.unseen', at },
]

/** Back to what it was before the spend: waiting in the mempool, expired or standing. */
const restored = (
  at: number,
  height: number | undefined,
  { withdrawal, expiredAt }: AnnouncementContext,
): AnnouncementFact[] => {
  // In logs from before heights were kept none stands here: then the block is taken at its word.
  if (withdrawal?.height !== undefined && withdrawal.height !== height) return []
  if (withdrawal?.height !== undefined && withdrawal.waited)
    return [{ type: 'announcement.withdrawn', at, by: withdrawal.by }]
  return [
    { type: 'announcement.restored', at },
    ...(expiredAt === undefined ? [] : [{ type: 'announcement.expired' as const, at, height: expiredAt }]),
  ]
}

/** One that was withdrawn since is that still: by a spend that waits, since one in a block was taken back before. */
const unexpired = (at: number, { withdrawal }: AnnouncementContext): AnnouncementFact[] =>
  withdrawal === undefined
    ? [{ type: 'announcement.unexpired', at }]
    : [
        { type: 'announcement.restored', at },
        { type: 'announcement.withdrawn', at, by: withdrawal.by },
      ]

/** Rules of an announcement's stream. */
export const announcement = chartDecider(announcementChart, propose)
