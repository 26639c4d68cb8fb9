import type { AnnouncementFact } from '../domain/announcement/facts.ts'
import type { ChannelFact } from '../domain/channel/facts.ts'
import type { EffectFact } from '../domain/effect/facts.ts'
import type { Culprit } from '../domain/fault.ts'
import { legOf } from '../domain/ids.ts'
import { reasonOf } from '../domain/lease/ends.ts'
import type { LeaseFact, Side } from '../domain/lease/facts.ts'
import type { WalletFact } from '../domain/wallet/facts.ts'
import type { RowsOf, Table } from './table.ts'

export const NOTIFICATION_KINDS = [
  'lease-ended',
  'lease-failed',
  'notice-given',
  'payment-received',
  'payment-dropped',
  'money-reorganised',
  'effect-parked',
] as const
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number]

/** `info`: good to know. `warning`: look at it. `critical`: it waits for a person. */
export type Severity = 'info' | 'warning' | 'critical'

export type SubjectKind = 'lease' | 'transaction' | 'effect' | 'announcement'

/** Something that happened and that a person must know, without what is personal in it. */
export type NotificationRow = {
  readonly list: 'notification'
  /** 1, 2, 3 … as they came. */
  readonly id: string
  readonly kind: NotificationKind
  readonly severity: Severity
  readonly at: number
  readonly subjectKind: SubjectKind
  readonly subject: string
  /** Of an end, a failure or a fault. */
  readonly code?: string
  readonly culprit?: Culprit
  readonly next?: string
  readonly sats?: bigint
  /** When a lease is to end, Unix ms. */
  readonly endsAt?: number
  readonly position: number
}

/** What the fold has to know: whose side a lease is seen from, and how many notifications there were. */
type Work = { readonly list: 'work'; readonly side?: Side; readonly agreed?: true; readonly count?: number }

export const NOTIFYING = [
  'lease.sought',
  'lease.agreed',
  'lease.noticed',
  'lease.ended',
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
  'channel.unopened',
  'channel.reopened',
  'announcement.lost',
  'wallet.received',
  'wallet.unconfirmed',
  'wallet.dropped',
  'effect.parked',
] as const
type AnyFact = LeaseFact | ChannelFact | AnnouncementFact | WalletFact | EffectFact
type NotifyingFact = Extract<AnyFact, { type: (typeof NOTIFYING)[number] }>
type Rows = RowsOf<NotificationRow | Work>

/** Notifications that are kept: the oldest go first. */
export const MAX_NOTIFICATIONS = 10_000

export const notifications = {
  name: 'notifications',
  version: 1,
  types: NOTIFYING,
  columns: {
    list: (row) => row.list,
    number: (row) => (row.list === 'notification' ? Number(row.id) : null),
    at: (row) => (row.list === 'notification' ? row.at : null),
    kind: (row) => (row.list === 'notification' ? row.kind : null),
    severity: (row) => (row.list === 'notification' ? row.severity : null),
    subject: (row) => (row.list === 'notification' ? row.subject : null),
  },
  fold({ stream, position, fact }, rows) {
    const found = told(stream, fact, rows)
    if (found !== undefined) put(rows, { ...found, at: fact.at, position })
    keep(stream, fact, rows)
  },
} satisfies Table<NotificationRow | Work, NotifyingFact>

type Told = Omit<NotificationRow, 'list' | 'id' | 'at' | 'position'>

const put = (rows: Rows, row: Omit<NotificationRow, 'list' | 'id'>): void => {
  const count = ((rows.get('count') as Work | undefined)?.count ?? 0) + 1
  rows.put('count', { list: 'work', count })
  rows.put(`${count}`, { list: 'notification', id: `${count}`, ...row })
  rows.delete(`${count - MAX_NOTIFICATIONS}`)
}

/** What of a lease later facts need. */
const keep = (stream: string, fact: NotifyingFact, rows: Rows): void => {
  const known = rows.get(stream) as Work | undefined
  if (fact.type === 'lease.sought') rows.put(stream, { list: 'work', side: fact.side })
  else if (known === undefined) return
  else if (fact.type === 'lease.agreed') rows.put(stream, { ...known, agreed: true })
  else if (OVER.has(fact.type)) rows.delete(stream)
}

const OVER: ReadonlySet<string> = new Set([
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
])

/** @returns undefined when it is nothing that a person must know */
const told = (stream: string, fact: NotifyingFact, rows: Rows): Told | undefined => {
  const id = stream.slice(stream.indexOf('-') + 1)
  const { side, agreed } = (rows.get(stream) ?? {}) as Partial<Work>
  switch (fact.type) {
    case 'lease.ended':
      if (side === undefined || fact.code === `stopped-by-${side}`) return undefined
      return { ...lease('lease-ended', id), ...reason(fact) }
    case 'lease.lapsed':
    case 'lease.refused':
    case 'lease.failed':
      // Of what was never agreed there are many, and nothing was at stake.
      return agreed ? { ...lease('lease-failed', id), ...reason(fact) } : undefined
    case 'lease.noticed':
      if (side === undefined || fact.by === side || fact.endsAt === undefined) return undefined
      return { ...lease('notice-given', id), code: fact.code, endsAt: fact.endsAt }
    case 'channel.unopened':
    case 'channel.reopened':
      return { ...lease('money-reorganised', legOf(id).leaseId), code: fact.type }
    case 'announcement.lost':
      return {
        kind: 'money-reorganised',
        severity: 'warning',
        subjectKind: 'announcement',
        subject: id,
        code: fact.type,
      }
    case 'wallet.received': {
      const isPayment = !fact.coinbase && !fact.bond && fact.keyPath.account === 'receive'
      return isPayment ? { ...transaction('payment-received', 'info', fact.txid), sats: fact.value } : undefined
    }
    case 'wallet.unconfirmed':
      return { ...transaction('money-reorganised', 'warning', fact.txid), code: fact.type }
    case 'wallet.dropped':
      // What replaced it, or why it was refused, is told to who sent it.
      if (fact.reason === 'replaced' || fact.reason === 'refused') return undefined
      return { ...transaction('payment-dropped', 'warning', fact.txid), code: fact.reason }
    case 'effect.parked':
      return {
        kind: 'effect-parked',
        severity: 'critical',
        subjectKind: 'effect',
        subject: id,
        code: fact.code,
        next: fact.next,
      }
    case 'lease.sought':
    case 'lease.agreed':
    case 'lease.settled':
    case 'lease.refunded':
      return undefined
  }
}

const lease = (kind: NotificationKind, subject: string): Told => ({
  kind,
  severity: 'warning',
  subjectKind: 'lease',
  subject,
})

const transaction = (kind: NotificationKind, severity: Severity, subject: string): Told => ({
  kind,
  severity,
  subjectKind: 'transaction',
  subject,
})

const reason = ({ code, culprit }: { readonly code: Parameters<typeof reasonOf>[0]; readonly culprit: Culprit }) => ({
  code,
  culprit,
  next: reasonOf(code).next,
})
