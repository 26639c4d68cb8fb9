import { z } from 'zod'
import type { AnnouncementBody } from '../../domain/announcement/body.ts'
import { type Availability, HOURS_OF_WEEK } from '../../domain/availability/availability.ts'
import type { ChannelTerms } from '../../domain/channel/facts.ts'
import { MAX_TOP_UPS } from '../../domain/channel/legs.ts'
import { type Change, MAX_PRICES, MAX_REVISIONS } from '../../domain/lease/change.ts'
import { ENDS, type EndCode, FAILURES, type FailureCode } from '../../domain/lease/ends.ts'
import { CHANGE_PROBLEMS, type Hardware, TOP_UP_PROBLEMS } from '../../domain/lease/facts.ts'
import { MAX_NOTICE_MS } from '../../domain/lease/notice.ts'
import { PAUSE_CODES } from '../../domain/lease/pauses.ts'
import type { Receipt } from '../../domain/lease/receipt.ts'
import { ISOLATIONS } from '../../domain/resources.ts'
import type { InsideTolerance, Terms } from '../../domain/terms.ts'
import {
  authorizedKeys,
  counter,
  hex,
  hexUpTo,
  key,
  leaseId,
  MAX_HEIGHT,
  msat,
  outPointText,
  price,
  resources,
  sats,
  shell,
  shellUserName,
  signature,
  sshPublicKey,
  TIB,
  text,
  usage,
  whole,
  YEAR_MS,
} from './message-parts.ts'

/**
 * Every message of a lease session, both ways. Unknown types, unknown keys and values out of bounds are refused whole: all of this
 * comes from a stranger.
 */

export const channelSchema: z.ZodType<ChannelTerms> = z.strictObject({
  publisherKey: key,
  providerKey: key,
  capacitySats: sats,
  expiryHeight: whole(MAX_HEIGHT),
  publisherScript: hexUpTo(64),
  providerScript: hexUpTo(64),
})

const inside: z.ZodType<InsideTolerance> = z.strictObject({
  everyMs: z.number().int().min(1).max(3_600_000),
  slackMs: whole(600_000),
  permille: whole(10_000),
  readings: z.number().int().min(1).max(1_000),
})

export const termsSchema: z.ZodType<Terms> = z.strictObject({
  version: z.literal(1),
  leaseId,
  network: text(32),
  announcement: outPointText,
  publisherKey: key,
  providerKey: key,
  image: text(256),
  resources,
  isolation: z.enum(ISOLATIONS as unknown as [Terms['isolation']]),
  machineNetwork: z.enum(['none', 'bridge']),
  price,
  caps: z.strictObject({ ioBytesPerS: counter, netBytesPerS: counter }),
  inside: inside.exactOptional(),
  tickMs: z.number().int().min(100).max(60_000),
  graceTicks: z.number().int().min(1).max(100),
  reconnectMs: whole(3_600_000),
  unconfirmedTicks: whole(100_000),
  maxDurationMs: z.number().int().min(1_000).max(YEAR_MS),
  noticeMs: whole(MAX_NOTICE_MS).exactOptional(),
  dataGraceMs: whole(7 * 24 * 3_600_000),
  maxPauseMs: whole(YEAR_MS).exactOptional(),
  shell: z.strictObject({ user: shellUserName, authorizedKeys, hostKey: sshPublicKey }),
  channel: channelSchema,
  revision: z
    .strictObject({
      number: z.number().int().min(1).max(MAX_REVISIONS),
      previous: hex(32),
      past: z
        .array(z.strictObject({ price, tick: whole(Number.MAX_SAFE_INTEGER), until: usage }))
        .min(1)
        .max(MAX_PRICES)
        .exactOptional(),
    })
    .exactOptional(),
})

export const bodySchema: z.ZodType<AnnouncementBody> = z.strictObject({
  version: z.literal(1),
  label: text(80),
  image: z.string().min(1).max(256),
  resources,
  isolation: z.enum(ISOLATIONS as unknown as [Terms['isolation']]),
  machineNetwork: z.enum(['none', 'bridge']),
  count: z.number().int().min(1).max(65_535),
  maxHourlyMsat: msat,
  maxDurationMs: z.number().int().min(1_000).max(YEAR_MS),
  minAvailabilityPermille: whole(1_000).exactOptional(),
})

const hardware: z.ZodType<Hardware> = z.strictObject({
  cpuModel: text(120),
  cores: whole(100_000),
  memoryBytes: whole(1024 * TIB),
  marks: z.record(text(40), z.number().min(0).max(1e15)),
})

const span = z.strictObject({
  spanMs: whole(YEAR_MS),
  lentPermille: whole(1_000),
  servedMs: whole(Number.MAX_SAFE_INTEGER),
  fullPermille: whole(1_000).exactOptional(),
  leases: whole(1_000_000_000),
  broken: whole(1_000_000_000),
})
const availability: z.ZodType<Availability> = z.strictObject({
  week: span,
  month: span,
  hoursOfWeek: z.array(whole(1_000).nullable()).length(HOURS_OF_WEEK),
})

export const receiptSchema: z.ZodType<Receipt> = z.strictObject({
  version: z.literal(1),
  leaseId,
  network: text(32),
  termsHash: hex(32),
  publisherKey: key,
  providerKey: key,
  funding: outPointText,
  topUps: z.array(outPointText).min(1).max(MAX_TOP_UPS).exactOptional(),
  ticks: whole(Number.MAX_SAFE_INTEGER),
  usage,
  owedMsat: msat,
  paidSats: sats,
  code: text(40),
  culprit: text(40),
})

const codes = (table: object) => Object.keys(table) as [string]
const endCode = z.enum(codes(ENDS)) as unknown as z.ZodType<EndCode>
const failureCode = z.enum(codes(FAILURES)) as unknown as z.ZodType<FailureCode>
const tick = whole(Number.MAX_SAFE_INTEGER)
const why = text(500)
const revisionNumber = z.number().int().min(1).max(MAX_REVISIONS)
const change: z.ZodType<Change> = z.strictObject({
  price: price.exactOptional(),
  maxDurationMs: z.number().int().min(1_000).max(YEAR_MS).exactOptional(),
  noticeMs: whole(MAX_NOTICE_MS).exactOptional(),
  dataGraceMs: whole(7 * 24 * 3_600_000).exactOptional(),
})
const noticeMs = whole(MAX_NOTICE_MS)
/** Why a machine is paused: not one reason twice. */
const pauses = z.array(z.enum(PAUSE_CODES)).max(PAUSE_CODES.length)
/** Number of a channel beside the lease's first. */
const leg = z.number().int().min(1).max(MAX_TOP_UPS)

/** Why a publisher does not sign a plain close. */
export const CLOSE_PROBLEMS = ['close-differs', 'close-fee', 'not-ended'] as const

/** What a publisher fixes for a lease before it is offered: everything in the terms that is the publisher's to say. */
const wish = z.strictObject({
  type: z.literal('wish'),
  channelKey: key,
  channelScript: hexUpTo(64),
  authorizedKeys,
  capacitySats: sats,
  expiryHeight: whole(MAX_HEIGHT),
  tickMs: z.number().int().min(100).max(60_000),
  dataGraceMs: whole(7 * 24 * 3_600_000),
  inside: inside.exactOptional(),
  noticeMs: whole(MAX_NOTICE_MS).exactOptional(),
  maxPauseMs: whole(YEAR_MS).exactOptional(),
})
export type Wish = z.infer<typeof wish>

const messageSchema = z.discriminatedUnion('type', [
  /** Publisher: the announcement's body. */
  z.strictObject({ type: z.literal('body'), body: bodySchema }),
  wish,
  /** Provider: terms as it would sign them, and what it says of itself. */
  z.strictObject({
    type: z.literal('offer'),
    terms: termsSchema,
    hardware,
    final: z.boolean(),
    availability: availability.exactOptional(),
  }),
  /** Publisher: the same with another price. */
  z.strictObject({ type: z.literal('counter'), terms: termsSchema, final: z.boolean() }),
  /** Either: its signature over the terms of the last offer or counter-offer. */
  z.strictObject({ type: z.literal('agree'), termsHash: hex(32), signature }),
  /** Provider: a lease that was agreed before goes on from this stage of its log; these are its last tick and usage, and its pauses. */
  z.strictObject({
    type: z.literal('resume'),
    stage: z.enum(['provision', 'meter']),
    tick,
    usage,
    pauses: pauses.exactOptional(),
  }),
  /** Provider: the machine stands. */
  z.strictObject({ type: z.literal('ready'), shell }),
  /** Publisher: the funding transaction, signed, and the first voucher. */
  z.strictObject({ type: z.literal('funded'), raw: hexUpTo(20_000), vout: whole(65_535), paid: sats, signature }),
  z.strictObject({ type: z.literal('tick'), tick, usage }),
  /** `before`: of a lease that was topped up, the vouchers that fill its earlier channels. */
  z.strictObject({
    type: z.literal('voucher'),
    tick,
    paid: sats,
    signature,
    before: z.array(signature).max(MAX_TOP_UPS).exactOptional(),
  }),
  /** Publisher: a further channel of so many sats is to be funded; its key in it. */
  z.strictObject({ type: z.literal('top-up'), leg, channelKey: key, capacitySats: sats }),
  /** Provider: yes, and its key in that channel. */
  z.strictObject({ type: z.literal('top-up-taken'), leg, channelKey: key }),
  z.strictObject({ type: z.literal('top-up-refused'), leg, code: z.enum(TOP_UP_PROBLEMS), why }),
  /** Publisher: that channel's funding transaction, signed. */
  z.strictObject({ type: z.literal('topped-up'), leg, raw: hexUpTo(20_000), vout: whole(65_535) }),
  /** Publisher: the machine is to stand still, or to go on. */
  z.strictObject({ type: z.literal('pause'), paused: z.boolean() }),
  /** Provider: all that the machine stands still for, after the tick sent before; nothing: it goes on. */
  z.strictObject({ type: z.literal('pausing'), pauses }),
  /** Provider: a plain close of the lease's channels that both may sign, without signatures. */
  z.strictObject({ type: z.literal('close'), raw: hexUpTo(4_000) }),
  /** Publisher: its signature for each input. */
  z.strictObject({
    type: z.literal('close-signed'),
    signatures: z
      .array(signature)
      .min(1)
      .max(MAX_TOP_UPS + 1),
  }),
  z.strictObject({ type: z.literal('close-refused'), code: z.enum(CLOSE_PROBLEMS), why }),
  /** Either, of itself: it is to end in so many ms; absent, at once. */
  z.strictObject({
    type: z.literal('notice'),
    code: z.enum(['stopped-by-publisher', 'stopped-by-provider']),
    inMs: noticeMs.exactOptional(),
  }),
  /** Publisher: other terms are wanted; which, `terms` of the answer says in full. */
  z.strictObject({ type: z.literal('change'), number: revisionNumber, change }),
  /** Provider: these terms from the newest tick on, and its signature. */
  z.strictObject({ type: z.literal('change-offered'), terms: termsSchema, signature }),
  /** Publisher: its signature under them. */
  z.strictObject({ type: z.literal('changed'), number: revisionNumber, signature }),
  /** Either: no. */
  z.strictObject({ type: z.literal('change-refused'), number: revisionNumber, code: z.enum(CHANGE_PROBLEMS), why }),
  /** Either: its notice is taken back. */
  z.strictObject({ type: z.literal('notice-withdrawn') }),
  /** Either: it is over; from the provider with the last reading. */
  z.strictObject({ type: z.literal('end'), code: endCode, why, tick, usage }),
  z.strictObject({ type: z.literal('receipt'), receipt: receiptSchema, signature }),
  /** Publisher: data fetched, remove the machine now. */
  z.strictObject({ type: z.literal('release') }),
  /** Publisher: dial a second stream for `lease` and join it to the shell. */
  z.strictObject({ type: z.literal('tunnel'), id: hex(16) }),
  /** Either: no, and why; the session ends. */
  z.strictObject({ type: z.literal('refuse'), code: failureCode, why }),
])

export type Message = z.infer<typeof messageSchema>
export type MessageOf<T extends Message['type']> = Extract<Message, { type: T }>

/** @returns the message, or a line that says what is wrong with it */
export const parseMessage = (value: unknown): Message | string => {
  const parsed = messageSchema.safeParse(value)
  return parsed.success ? parsed.data : z.prettifyError(parsed.error).slice(0, 400)
}
