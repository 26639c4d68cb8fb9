import { type Availability, HOURS_OF_WEEK, type Served, type Span } from '../availability/availability.ts'
import type { RuleVerdict, Verdict } from '../match.ts'
import {
  flag,
  list,
  named,
  number,
  oneOf,
  optional,
  orNull,
  record,
  type Shape,
  ShapeError,
  text,
  whole,
} from '../shape.ts'
import { type Change, MAX_REVISIONS } from './change.ts'
import { ENDS, type EndCode, FAILURES, type FailureCode } from './ends.ts'
import { CHANGE_PROBLEMS, type Hardware, type LeaseFact, TOP_UP_PROBLEMS } from './facts.ts'
import { INSIDE_KEYS, INSIDE_PROBLEMS, type Inside, type InsideReading } from './inside.ts'
import { MAX_NOTICE_MS } from './notice.ts'
import { PAUSE_CODES } from './pauses.ts'
import {
  counter,
  key,
  leaseId,
  leg,
  MAX_HEIGHT,
  msat,
  outPoint,
  price,
  sats,
  shell,
  signature,
  signedReceipt,
  terms,
  tick,
  txid,
  usage,
  vout,
} from './shapes.ts'
import { STAGES } from './stage.ts'

type Type = LeaseFact['type']
type FactOf<T extends Type> = Extract<LeaseFact, { readonly type: T }>
type Body<T extends Type> = Omit<FactOf<T>, 'type' | 'at'>

const side = oneOf('publisher', 'provider')
const culprit = oneOf('publisher', 'provider', 'peer-unreachable', 'chain', 'host')
const endCode = oneOf(...(Object.keys(ENDS) as EndCode[]))
const failureCode = oneOf(...(Object.keys(FAILURES) as FailureCode[]))
const why = text(2_000)
const remote = text(300)
const height = whole(0, MAX_HEIGHT)
const revision = whole(1, MAX_REVISIONS)
const at = number(0, 8_640_000_000_000_000)

const verdict = record<Verdict>({
  ok: flag,
  rules: list(
    record<RuleVerdict>({
      rule: text(60) as Shape<RuleVerdict['rule']>,
      ok: flag,
      want: text(2_000),
      have: text(2_000),
    }),
    0,
    100,
  ),
})
const hardware = record<Hardware>({
  cpuModel: text(300),
  cores: whole(0),
  memoryBytes: whole(0),
  marks: named(number(0, 1e15), 40, 40),
})
const permille = whole(0, 1_000)
const served = { servedMs: whole(0), fullPermille: optional(permille), leases: whole(0), broken: whole(0) }
const span = record<Span>({ spanMs: whole(0), lentPermille: permille, ...served })
const availability = record<Availability>({
  week: span,
  month: span,
  hoursOfWeek: list(orNull(permille), HOURS_OF_WEEK, HOURS_OF_WEEK),
})
const change = record<Change>({
  price: optional(price),
  maxDurationMs: optional(whole(0)),
  noticeMs: optional(whole(0, MAX_NOTICE_MS)),
  dataGraceMs: optional(whole(0)),
})

const counters = record<InsideReading['counters']>({
  cpuUs: optional(counter),
  memoryBytes: optional(counter),
  ioReadBytes: optional(counter),
  ioWriteBytes: optional(counter),
  netRxBytes: optional(counter),
  netTxBytes: optional(counter),
})
const reading = {
  tick,
  billed: usage,
  counters,
  shell: record<InsideReading['shell']>({ rxBytes: counter, txBytes: counter }),
}
const inside = record<Inside>({
  ...reading,
  since: record<InsideReading>(reading),
  usage: record<Inside['usage']>({
    cpuUs: optional(counter),
    memByteSeconds: optional(counter),
    ioReadBytes: optional(counter),
    ioWriteBytes: optional(counter),
    netRxBytes: optional(counter),
    netTxBytes: optional(counter),
  }),
  beyond: list(oneOf(...INSIDE_KEYS), 0, INSIDE_KEYS.length),
  strikes: whole(0),
})
const funded = { txid, vout, capacitySats: sats }
const agreed = { terms, publisherSignature: signature, providerSignature: signature }
const over = { code: failureCode, culprit, why }

type Fields<T> = { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> }

/** Beside `type` and `at`. */
const BODIES: { readonly [T in Type]: Fields<Body<T>> } = {
  'lease.sought': { leaseId, side, announcement: outPoint, publisherKey: key, remote },
  'lease.matched': { verdict },
  'lease.connected': { remote },
  'lease.challenged': { peerKey: key },
  'lease.offered': {
    terms,
    hardware,
    final: flag,
    availability: optional(availability),
    seen: optional(record<Served>(served)),
  },
  'lease.countered': { terms, final: flag },
  'lease.agreed': agreed,
  'lease.provisioned': { shell },
  'lease.funded': funded,
  'lease.metered': { tick, usage, owedMsat: msat },
  'lease.inside-read': { inside },
  'lease.inside-unread': { why: oneOf(...INSIDE_PROBLEMS) },
  'lease.paid': { tick, paidSats: sats },
  'lease.starved': { tick, why: oneOf('unpaid', 'peer-unreachable', 'unconfirmed') },
  'lease.noticed': { by: side, code: endCode, endsAt: optional(at) },
  'lease.notice-withdrawn': { by: side },
  'lease.change-wanted': { by: side, number: revision, change },
  'lease.change-offered': { terms, signature },
  'lease.changed': agreed,
  'lease.change-refused': { number: revision, code: oneOf(...CHANGE_PROBLEMS), why },
  'lease.pause-wanted': { paused: flag },
  'lease.paused': { code: oneOf(...PAUSE_CODES) },
  'lease.resumed': { code: oneOf(...PAUSE_CODES) },
  'lease.shrunk': { cpuMillis: whole(0) },
  'lease.unshrunk': {},
  'lease.ended': { code: endCode, culprit, why },
  'lease.released': {},
  'lease.receipted': { signed: signedReceipt },
  'lease.top-up-wanted': { leg, sats, reference: text(300) },
  'lease.topped-up': { leg, ...funded },
  'lease.top-up-refused': { leg, code: oneOf(...TOP_UP_PROBLEMS), why },
  'lease.settled-in-part': { legs: list(whole(0, 15), 1, 16), txid, height, paidSats: sats },
  'lease.settled': { txid, height, paidSats: sats },
  'lease.refunded': { txid, height },
  'lease.lapsed': { stage: oneOf(...STAGES), code: failureCode, culprit },
  'lease.refused': over,
  'lease.failed': over,
}

const SHAPES = new Map<string, Shape<object>>(
  Object.entries(BODIES).map(([type, body]) => [type, record({ type: oneOf(type), at, ...body } as never)]),
)

/**
 * A fact of a lease as it is told over the API or stands in a file: large numbers as strings of digits.
 * @throws ShapeError for anything else
 */
export const parseLeaseFact = (value: unknown): LeaseFact => {
  const type = (value as { readonly type?: unknown } | null)?.type
  const shape = typeof type === 'string' ? SHAPES.get(type) : undefined
  if (shape === undefined) throw new ShapeError('type', 'a fact of a lease')
  return shape(value, '') as LeaseFact
}
