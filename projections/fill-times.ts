import type { AnnouncementFact } from '../domain/announcement/facts.ts'
import type { LeaseFact } from '../domain/lease/facts.ts'
import { BUCKET_COLUMNS, type Bucket, intoBuckets, WORK } from './bucket.ts'
import { type Digest, digestOf, mergeDigests } from './digest.ts'
import type { RowsOf, Table } from './table.ts'

/** `agreed`: both have signed. `serving`: the machine stands and is funded. */
export const FILLED = ['agreed', 'serving'] as const
export type Filled = (typeof FILLED)[number]

/** Times from the announcement to a lease of it, ms, in the bucket in which they ended. */
export type FillTimesRow = Bucket & { readonly times: Digest }

/** When this node first knew of an announcement, and what came of it before it knew (a log of several nodes has no order of its own). */
type Announced = typeof WORK & { readonly at?: number; readonly waiting: readonly Ended[] }
type Ended = { readonly filled: Filled; readonly at: number }
type Begun = typeof WORK & { readonly announcement: string; readonly stands?: true; readonly funded?: true }

const TYPES = [
  'announcement.posted',
  'announcement.seen',
  'announcement.unseen',
  'lease.agreed',
  'lease.provisioned',
  'lease.funded',
  'lease.settled',
  'lease.refunded',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
] as const
type FillFact = Extract<AnnouncementFact | LeaseFact, { type: (typeof TYPES)[number] }>
/** Ends that wait for their announcement: more are not counted. */
const MAX_WAITING = 100

type Rows = RowsOf<FillTimesRow | Announced | Begun>

/** How long announcements wait for machines. */
export const fillTimes = {
  name: 'fill_times',
  version: 2,
  types: TYPES,
  columns: BUCKET_COLUMNS,
  fold({ stream, fact }, rows) {
    const id = stream.slice(stream.indexOf('-') + 1)
    switch (fact.type) {
      case 'announcement.posted':
      case 'announcement.seen': {
        const announced = announcedAs(rows, id)
        if (announced.at !== undefined) break
        rows.put(`announcement:${id}`, { ...WORK, at: fact.at, waiting: [] })
        for (const ended of announced.waiting) count(rows, fact.at, ended)
        break
      }
      case 'announcement.unseen':
        rows.delete(`announcement:${id}`)
        break
      case 'lease.agreed': {
        const announcement = fact.terms.announcement.split(':')[0]!
        rows.put(`lease:${id}`, { ...WORK, announcement })
        end(rows, announcement, { filled: 'agreed', at: fact.at })
        break
      }
      case 'lease.provisioned':
      case 'lease.funded': {
        const begun = rows.get(`lease:${id}`) as Begun | undefined
        if (begun === undefined) break
        const now: Begun = { ...begun, ...(fact.type === 'lease.funded' ? { funded: true } : { stands: true }) }
        if (now.stands && now.funded) {
          rows.delete(`lease:${id}`)
          end(rows, now.announcement, { filled: 'serving', at: fact.at })
        } else rows.put(`lease:${id}`, now)
        break
      }
      case 'lease.settled':
      case 'lease.refunded':
      case 'lease.lapsed':
      case 'lease.refused':
      case 'lease.failed':
        rows.delete(`lease:${id}`)
    }
  },
} satisfies Table<FillTimesRow | Announced | Begun, FillFact>

const announcedAs = (rows: Rows, txid: string): Announced =>
  (rows.get(`announcement:${txid}`) as Announced | undefined) ?? { ...WORK, waiting: [] }

const end = (rows: Rows, txid: string, ended: Ended): void => {
  const announced = announcedAs(rows, txid)
  if (announced.at !== undefined) count(rows, announced.at, ended)
  else if (announced.waiting.length < MAX_WAITING)
    rows.put(`announcement:${txid}`, { ...announced, waiting: [...announced.waiting, ended] })
}

const count = (rows: Rows, begin: number, { filled, at }: Ended): void => {
  const took = digestOf(BigInt(Math.max(0, at - begin)))
  intoBuckets<FillTimesRow>(rows, filled, at, (bucket, before) => ({
    ...bucket,
    times: mergeDigests(before?.times, took),
  }))
}
