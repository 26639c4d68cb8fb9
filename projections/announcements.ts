import type { AnnouncementBody } from '../domain/announcement/body.ts'
import type { AnnouncementFact, RecordFacts } from '../domain/announcement/facts.ts'
import type { ForgettingFact } from '../domain/forgetting/facts.ts'
import { text } from '../domain/forgetting/personal.ts'
import type { Verdict } from '../domain/match.ts'
import { forgetRow, whenForgotten } from './forgotten.ts'
import { sortKey } from './sort-key.ts'
import type { Table } from './table.ts'

/** `posted`: this node's own, not seen on the chain yet. `standing`: its bond is unspent and its expiry has not come. */
export type AnnouncementStatus = 'posted' | 'standing' | 'withdrawn' | 'expired'

/** An announcement as this node knows it. The order that belongs to it (keys, budget) is private and stays in the log. */
export type AnnouncementRow = {
  /** The txid of the transaction that carries it. */
  readonly id: string
  readonly own: boolean
  readonly status: AnnouncementStatus
  /** Identity key, hex; empty until it was seen. */
  readonly author: string
  readonly bondSats: bigint
  /** What the chain says; absent until it was seen. */
  readonly record?: RecordFacts
  /** What its publisher's endpoint says; absent until it was asked. */
  readonly body?: AnnouncementBody
  readonly verdict?: Verdict
  /** Of its block; absent while it is in none. */
  readonly height?: number
  /** When this node first knew of it, Unix ms. */
  readonly firstAt: number
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  /** Its personal fields are gone for good; what the chain says of it is not. */
  readonly forgotten: boolean
  readonly position: number
}

export const announcements = {
  name: 'announcements',
  version: 5,
  types: [
    'announcement.posted',
    'announcement.seen',
    'announcement.unseen',
    'announcement.lost',
    'announcement.confirmed',
    'announcement.unconfirmed',
    'announcement.described',
    'announcement.judged',
    'announcement.withdrawn',
    'announcement.restored',
    'announcement.expired',
    'announcement.unexpired',
    'subject.forgotten',
  ],
  columns: {
    began: (row) => row.began,
    status: (row) => row.status,
    own: (row) => Number(row.own),
    author: (row) => row.author,
    firstAt: (row) => row.firstAt,
    height: (row) => row.height ?? null,
    bondSats: (row) => sortKey(row.bondSats),
    maxHourlyMsat: (row) => sortKey(row.body?.maxHourlyMsat ?? row.record?.maxHourlyMsat ?? 0n),
    matched: (row) => (row.verdict === undefined ? null : Number(row.verdict.ok)),
    isolation: (row) => row.body?.isolation ?? row.record?.isolation ?? null,
  },
  fold({ stream, position, fact }, rows) {
    if (fact.type === 'subject.forgotten') return forgetRow(rows, PREFIX, fact, position, PERSONAL)
    const id = stream.slice(PREFIX.length)
    if (fact.type === 'announcement.unseen') return rows.delete(id)
    const row = rows.get(id) ?? { ...begin, id, firstAt: fact.at, began: position }
    rows.put(id, whenForgotten({ ...after(row, fact), position }, PERSONAL))
  },
} satisfies Table<AnnouncementRow, AnnouncementFact | ForgettingFact>

const PREFIX = 'announcement-'
/** Where rows have what is personal in facts; an order stays in the log. */
const PERSONAL = [text('body.label')]

const begin = { own: false, status: 'posted', author: '', bondSats: 0n, forgotten: false, position: 0 } as const

const after = (
  row: AnnouncementRow,
  fact: Exclude<AnnouncementFact, { type: 'announcement.unseen' }>,
): AnnouncementRow => {
  switch (fact.type) {
    case 'announcement.posted':
      return { ...row, own: true, body: fact.body }
    case 'announcement.seen':
      return { ...row, status: 'standing', author: fact.author, bondSats: fact.bondSats, record: fact.record }
    case 'announcement.lost': {
      const { id, own, body, firstAt, began } = row
      return { ...begin, id, own, ...(body === undefined ? {} : { body }), firstAt, began }
    }
    case 'announcement.confirmed':
      return { ...row, height: fact.height }
    case 'announcement.unconfirmed': {
      const { height: _, ...mempool } = row
      return mempool
    }
    case 'announcement.described':
      return { ...row, body: fact.body }
    case 'announcement.judged':
      return { ...row, verdict: fact.verdict }
    case 'announcement.withdrawn':
      return { ...row, status: 'withdrawn' }
    case 'announcement.restored':
      return { ...row, status: 'standing' }
    case 'announcement.expired':
      return { ...row, status: 'expired' }
    case 'announcement.unexpired':
      return { ...row, status: 'standing' }
  }
}
