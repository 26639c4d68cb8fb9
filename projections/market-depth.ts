import type { AnnouncementFact } from '../domain/announcement/facts.ts'
import type { LeaseFact } from '../domain/lease/facts.ts'
import { hourlyMsat } from '../domain/price.ts'
import { classOf } from './digest.ts'
import { perCore } from './price-index.ts'
import type { RowsOf, Table } from './table.ts'

/** `demand`: announcements that stand, by their ceiling. `supply`: offers that nobody has taken or refused yet, by their price. */
export const DEPTH_SIDES = ['demand', 'supply'] as const
export type DepthSide = (typeof DEPTH_SIDES)[number]

/** What is wanted or offered. */
type Amount = {
  readonly entries: number
  readonly machines: number
  readonly cpuMillis: number
  readonly memoryBytes: number
  readonly diskBytes: number
}

/**
 * Everything at one price level. Levels go by the msat for an hour of full use of a machine, for each core: what stands from
 * `levelMsat` up to the next level, which is at most an eighth of it away.
 */
export type DepthRow = Amount & { readonly list: DepthSide; readonly levelMsat: bigint }

type Entry = {
  readonly list: 'work'
  readonly side: DepthSide
  readonly levelMsat: bigint
  readonly stands: boolean
} & {
  readonly amount: Amount
}

const TYPES = [
  'announcement.seen',
  'announcement.unseen',
  'announcement.lost',
  'announcement.withdrawn',
  'announcement.restored',
  'announcement.expired',
  'announcement.unexpired',
  'lease.offered',
  'lease.agreed',
  'lease.lapsed',
  'lease.refused',
  'lease.failed',
] as const
type DepthFact = Extract<AnnouncementFact | LeaseFact, { type: (typeof TYPES)[number] }>

type Rows = RowsOf<DepthRow | Entry>

/** First bits of a price that its level keeps: eight levels for each doubling. */
const LEVEL_BITS = 4
/** Prices from here on are one level: columns hold numbers up to 2^53. */
const LAST_LEVEL = 1n << 52n
const MIB = 1_048_576
const GIB = 1_073_741_824

/** The market's depth now. */
export const marketDepth = {
  name: 'market_depth',
  version: 2,
  types: TYPES,
  columns: {
    list: (row: DepthRow | Entry) => row.list,
    level: (row: DepthRow | Entry) => Number(row.levelMsat),
  },
  fold({ stream, fact }, rows) {
    switch (fact.type) {
      case 'announcement.seen': {
        const { count, cpuMillis, memoryMiB, diskGiB, maxHourlyMsat } = fact.record
        remove(rows, stream)
        add(rows, stream, {
          list: 'work',
          side: 'demand',
          levelMsat: levelOf(maxHourlyMsat, cpuMillis),
          stands: false,
          amount: {
            entries: 1,
            machines: count,
            cpuMillis: cpuMillis * count,
            memoryBytes: memoryMiB * MIB * count,
            diskBytes: diskGiB * GIB * count,
          },
        })
        break
      }
      case 'announcement.restored':
      case 'announcement.unexpired':
        add(rows, stream)
        break
      case 'announcement.withdrawn':
      case 'announcement.expired':
        remove(rows, stream)
        break
      case 'lease.offered': {
        const { cpuMillis, memoryBytes, diskBytes } = fact.terms.resources
        remove(rows, stream)
        add(rows, stream, {
          list: 'work',
          side: 'supply',
          levelMsat: levelOf(hourlyMsat(fact.terms.price, fact.terms.resources), cpuMillis),
          stands: false,
          amount: { entries: 1, machines: 1, cpuMillis, memoryBytes, diskBytes },
        })
        break
      }
      case 'announcement.unseen':
      case 'announcement.lost':
      case 'lease.agreed':
      case 'lease.lapsed':
      case 'lease.refused':
      case 'lease.failed':
        remove(rows, stream)
        rows.delete(stream)
    }
  },
} satisfies Table<DepthRow | Entry, DepthFact>

export const levelOf = (hourly: bigint, cpuMillis: number): bigint => {
  const level = classOf(perCore(hourly, cpuMillis), LEVEL_BITS)
  return level < LAST_LEVEL ? level : LAST_LEVEL
}

const add = (rows: Rows, stream: string, entry = rows.get(stream) as Entry | undefined): void => {
  if (entry === undefined || entry.stands) return
  rows.put(stream, { ...entry, stands: true })
  change(rows, entry, 1)
}

const remove = (rows: Rows, stream: string): void => {
  const entry = rows.get(stream) as Entry | undefined
  if (!entry?.stands) return
  rows.put(stream, { ...entry, stands: false })
  change(rows, entry, -1)
}

const change = (rows: Rows, { side, levelMsat, amount }: Entry, sign: 1 | -1): void => {
  const id = `${side}:${levelMsat}`
  const row = (rows.get(id) as DepthRow | undefined) ?? { ...NOTHING, list: side, levelMsat }
  const entries = row.entries + sign * amount.entries
  if (entries === 0) {
    rows.delete(id)
    return
  }
  rows.put(id, {
    list: side,
    levelMsat,
    entries,
    machines: row.machines + sign * amount.machines,
    cpuMillis: row.cpuMillis + sign * amount.cpuMillis,
    memoryBytes: row.memoryBytes + sign * amount.memoryBytes,
    diskBytes: row.diskBytes + sign * amount.diskBytes,
  })
}

const NOTHING: Amount = { entries: 0, machines: 0, cpuMillis: 0, memoryBytes: 0, diskBytes: 0 }
