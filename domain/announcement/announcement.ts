import { toHex } from '../bytes.ts'
import { encode } from '../codec.ts'
import { chartDecider, type StateOf } from '../decider.ts'
import type { Refusal } from '../fact.ts'
import type { Verdict } from '../match.ts'
import { type AnnouncementBody, bodyHash } from './body.ts'
import { announcementChart } from './chart.ts'
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
    }
  | { readonly kind: 'confirm'; readonly at: number; readonly height: number }
  | { readonly kind: 'unconfirm'; readonly at: number }
  | { readonly kind: 'describe'; readonly at: number; readonly body: AnnouncementBody }
  | { readonly kind: 'judge'; readonly at: number; readonly verdict: Verdict }
  | { readonly kind: 'withdraw'; readonly at: number; readonly by: string }
  | { readonly kind: 'restore'; readonly at: number }
  | { readonly kind: 'expire'; readonly at: number; readonly height: number }

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
      return [{ type: 'announcement.seen', at, txid, author, bondSats, record }]
    }
    case 'confirm':
      return context.height === command.height ? [] : [{ type: 'announcement.confirmed', at, height: command.height }]
    case 'unconfirm':
      return context.height === undefined ? [] : [{ type: 'announcement.unconfirmed', at }]
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
    case 'withdraw':
      return value === 'withdrawn' ? [] : [{ type: 'announcement.withdrawn', at, by: command.by }]
    case 'restore':
      return value === 'withdrawn' ? [{ type: 'announcement.restored', at }] : []
    case 'expire':
      if (value === 'expired' || value === 'withdrawn') return []
      return context.record !== undefined && command.height < context.record.expiryHeight
        ? { refused: 'not-yet-expired', why: `height ${command.height} is before ${context.record.expiryHeight}` }
        : [{ type: 'announcement.expired', at, height: command.height }]
  }
}

/** Rules of an announcement's stream. */
export const announcement = chartDecider(announcementChart, propose)
