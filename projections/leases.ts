import type { ForgettingFact } from '../domain/forgetting/facts.ts'
import { list, text } from '../domain/forgetting/personal.ts'
import type { LeaseFact, ShellAddress, Side } from '../domain/lease/facts.ts'
import { type Pace, paceAfter } from '../domain/lease/forecast.ts'
import type { Inside, InsideProblem } from '../domain/lease/inside.ts'
import { addNotice, dropNotice, type Notice } from '../domain/lease/notice.ts'
import type { Pause } from '../domain/lease/pauses.ts'
import type { SignedReceipt } from '../domain/lease/receipt.ts'
import type { Stage, Terminal } from '../domain/lease/stage.ts'
import type { Verdict } from '../domain/match.ts'
import { hourlyMsat } from '../domain/price.ts'
import { owedUnder, type Terms } from '../domain/terms.ts'
import { elapsedOf, NO_USAGE, type UsageVector } from '../domain/usage.ts'
import { forgetRow, whenForgotten } from './forgotten.ts'
import { type LeaseEnd, leaseEnd } from './lease-end.ts'
import { sortKey } from './sort-key.ts'
import type { Table } from './table.ts'

/** A lease as this node sees it, folded from its stream. */
export type LeaseRow = {
  /** The lease id. */
  readonly id: string
  readonly side: Side
  readonly stage: Stage | Terminal
  /** Not over yet. */
  readonly active: boolean
  /** Metering, and the newest tick is unpaid: the machine stands still. */
  readonly starved: boolean
  /** Why the machine is paused; nothing: it is not. */
  readonly pauses: readonly Pause[]
  /** Txid of the announcement that it answers. */
  readonly announcement: string
  readonly publisherKey: string
  /** Empty until it proved its key. */
  readonly providerKey: string
  readonly remote: string
  readonly verdict?: Verdict
  /** The newest proposal, then what was agreed. */
  readonly terms?: Terms
  /** Full use for an hour under `terms`, msat. */
  readonly hourlyMsat: bigint
  readonly soughtAt: number
  readonly agreedAt?: number
  readonly servingSince?: number
  readonly funding?: { readonly txid: string; readonly vout: number; readonly capacitySats: bigint }
  /** Sats that its top-ups add to the first channel's capacity. */
  readonly toppedUpSats: bigint
  readonly shell?: ShellAddress
  readonly tick: number
  readonly usage: UsageVector
  readonly owedMsat: bigint
  /** The publisher's newest reading from inside the machine; on its node only. */
  readonly inside?: Inside & { readonly at: number }
  /** Why there is no newer one. */
  readonly unread?: InsideProblem
  /** How fast that grows; absent before the first reading. */
  readonly pace?: Pace
  /** Of the newest voucher. */
  readonly paidSats: bigint
  /** The newest of each side, and the one that is due first. */
  readonly notices: readonly Notice[]
  readonly notice: Notice | undefined
  readonly end?: LeaseEnd
  readonly released: boolean
  readonly receipt?: SignedReceipt
  /** The spend of the channel, in a block. */
  readonly settlement?: { readonly txid: string; readonly height: number }
  /** Position of its first fact: the order of lists, which never changes. */
  readonly began: number
  /** Its personal fields are gone for good. */
  readonly forgotten: boolean
  /** Facts so far. */
  readonly version: number
  readonly position: number
}

export const leases = {
  name: 'leases',
  version: 10,
  types: [
    'lease.sought',
    'lease.matched',
    'lease.connected',
    'lease.challenged',
    'lease.offered',
    'lease.countered',
    'lease.agreed',
    'lease.provisioned',
    'lease.funded',
    'lease.metered',
    'lease.inside-read',
    'lease.inside-unread',
    'lease.paid',
    'lease.starved',
    'lease.noticed',
    'lease.notice-withdrawn',
    'lease.pause-wanted',
    'lease.paused',
    'lease.resumed',
    'lease.shrunk',
    'lease.unshrunk',
    'lease.top-up-wanted',
    'lease.topped-up',
    'lease.top-up-refused',
    'lease.settled-in-part',
    'lease.change-wanted',
    'lease.change-offered',
    'lease.changed',
    'lease.change-refused',
    'lease.ended',
    'lease.released',
    'lease.receipted',
    'lease.settled',
    'lease.refunded',
    'lease.lapsed',
    'lease.refused',
    'lease.failed',
    'subject.forgotten',
  ],
  columns: {
    began: (row) => row.began,
    stage: (row) => row.stage,
    side: (row) => row.side,
    active: (row) => Number(row.active),
    announcement: (row) => row.announcement,
    publisher: (row) => row.publisherKey,
    provider: (row) => row.providerKey,
    soughtAt: (row) => row.soughtAt,
    hourlyMsat: (row) => sortKey(row.hourlyMsat),
    paidSats: (row) => sortKey(row.paidSats),
    endCode: (row) => row.end?.code ?? null,
  },
  fold({ stream, position, version, fact }, rows) {
    if (fact.type === 'subject.forgotten') return forgetRow(rows, PREFIX, fact, position, PERSONAL)
    const id = stream.slice(PREFIX.length)
    const row = rows.get(id) ?? { ...begin, id, soughtAt: fact.at, began: position }
    rows.put(id, whenForgotten({ ...after(row, fact), version, position }, PERSONAL))
  },
} satisfies Table<LeaseRow, LeaseFact | ForgettingFact>

const PREFIX = 'lease-'
/** Where rows have what is personal in facts. */
const PERSONAL = [
  ...[text('remote'), text('shell.user'), text('shell.hostKey'), text('end.why')],
  ...[text('terms.shell.user'), list('terms.shell.authorizedKeys'), text('terms.shell.hostKey')],
]

const begin = {
  side: 'publisher',
  stage: 'announce',
  active: true,
  starved: false,
  pauses: [],
  announcement: '',
  publisherKey: '',
  providerKey: '',
  remote: '',
  hourlyMsat: 0n,
  tick: 0,
  usage: NO_USAGE,
  owedMsat: 0n,
  paidSats: 0n,
  toppedUpSats: 0n,
  notices: [],
  notice: undefined,
  released: false,
  forgotten: false,
  version: 0,
  position: 0,
} as const

const after = (row: LeaseRow, fact: LeaseFact): LeaseRow => {
  switch (fact.type) {
    case 'lease.sought': {
      const { side, publisherKey, remote } = fact
      return { ...row, side, publisherKey, remote, announcement: fact.announcement.split(':')[0]! }
    }
    case 'lease.matched':
      return { ...row, stage: 'connect', verdict: fact.verdict }
    case 'lease.connected':
      return { ...row, stage: 'challenge', remote: fact.remote }
    case 'lease.challenged':
      return { ...row, stage: 'negotiate', ...(row.side === 'publisher' ? { providerKey: fact.peerKey } : {}) }
    case 'lease.offered':
    case 'lease.countered':
      return { ...row, ...proposed(fact.terms) }
    case 'lease.agreed':
      return { ...row, ...proposed(fact.terms), stage: 'provision', agreedAt: fact.at }
    case 'lease.provisioned':
      return serving({ ...row, shell: fact.shell }, fact.at)
    case 'lease.funded': {
      const { txid, vout, capacitySats } = fact
      return serving({ ...row, funding: { txid, vout, capacitySats } }, fact.at)
    }
    case 'lease.metered':
      return { ...row, tick: fact.tick, usage: fact.usage, owedMsat: fact.owedMsat, pace: pace(row, fact) }
    case 'lease.inside-read': {
      const { unread: _, ...read } = row
      return { ...read, inside: { ...fact.inside, at: fact.at } }
    }
    case 'lease.inside-unread':
      return { ...row, unread: fact.why }
    case 'lease.paid':
      return { ...row, paidSats: fact.paidSats, starved: false }
    case 'lease.starved':
      return { ...row, starved: true }
    case 'lease.paused':
      return row.pauses.some(({ code }) => code === fact.code)
        ? row
        : { ...row, starved: false, pauses: [...row.pauses, { code: fact.code, at: fact.at }] }
    case 'lease.resumed':
      return { ...row, pauses: row.pauses.filter(({ code }) => code !== fact.code) }
    case 'lease.topped-up':
      return { ...row, toppedUpSats: row.toppedUpSats + fact.capacitySats }
    case 'lease.changed':
      return { ...row, ...proposed(fact.terms), owedMsat: owedUnder(fact.terms, row.usage) }
    case 'lease.change-wanted':
    case 'lease.change-offered':
    case 'lease.change-refused':
    case 'lease.pause-wanted':
    case 'lease.shrunk':
    case 'lease.unshrunk':
    case 'lease.top-up-wanted':
    case 'lease.top-up-refused':
    case 'lease.settled-in-part':
      return row
    case 'lease.noticed':
      return { ...row, ...addNotice(row, fact) }
    case 'lease.notice-withdrawn':
      return { ...row, ...dropNotice(row, fact.by) }
    case 'lease.ended':
      return { ...row, stage: 'settle', starved: false, pauses: [], end: leaseEnd(fact) }
    case 'lease.released':
      return { ...row, released: true }
    case 'lease.receipted':
      return { ...row, receipt: fact.signed }
    case 'lease.settled':
      return over(row, 'settled', { paidSats: fact.paidSats, settlement: { txid: fact.txid, height: fact.height } })
    case 'lease.refunded':
      return over(row, 'refunded', { settlement: { txid: fact.txid, height: fact.height } })
    case 'lease.lapsed':
      return over(row, 'lapsed', { end: leaseEnd({ ...fact, why: `the stage ${fact.stage} took too long` }) })
    case 'lease.refused':
      return over(row, 'refused', { end: leaseEnd(fact) })
    case 'lease.failed':
      return over(row, 'failed', { end: leaseEnd(fact) })
  }
}

const pace = (row: LeaseRow, { usage, owedMsat }: Extract<LeaseFact, { type: 'lease.metered' }>): Pace =>
  paceAfter(row.pace, { elapsedUs: elapsedOf(usage), owedMsat }, row.terms?.price.startMsat ?? 0n)

const proposed = (terms: Terms): Pick<LeaseRow, 'terms' | 'hourlyMsat' | 'providerKey'> & { terms: Terms } => ({
  terms,
  hourlyMsat: hourlyMsat(terms.price, terms.resources),
  providerKey: terms.providerKey,
})

/** Until when a lease's data can be read, Unix ms; undefined when it cannot be, or not yet. */
export const dataUntil = ({ end, terms, servingSince, released }: LeaseRow): number | undefined =>
  end === undefined || servingSince === undefined || released || !terms?.dataGraceMs
    ? undefined
    : end.at + terms.dataGraceMs

/** The meter runs once both the machine and the money are there. */
const serving = (row: LeaseRow, at: number): LeaseRow =>
  row.shell !== undefined && row.funding !== undefined ? { ...row, stage: 'meter', servingSince: at } : row

const over = (row: LeaseRow, stage: Terminal, more: Partial<LeaseRow>): LeaseRow => ({
  ...row,
  ...more,
  stage,
  active: false,
  starved: false,
  pauses: [],
})
