import type { Fact } from '../../../domain/fact.ts'
import type { AnnouncementRow } from '../../../projections/announcements.ts'
import type { LeaseRow } from '../../../projections/leases.ts'

/**
 * What a session's key is shown of each table. This file is the one place that says so: queries, lists, nodes, counts and events go
 * by it, through the ports that a session is given. A table or a stream that is not named here is the owner's alone.
 * `show` leaves out what is private in a row.
 */
export type Rule = { readonly show?: (row: never) => unknown } & (
  | { readonly to: 'all' }
  /** Rows whose `columns` name the key. */
  | { readonly to: 'parties'; readonly columns: readonly string[] }
  /** Rows that belong to a lease that is shown; `column` has its id. */
  | { readonly to: 'parties of the lease'; readonly column: string }
)

/** How this node judges is its own business. */
const withoutVerdict = <Row extends { verdict?: unknown }>({ verdict: _, ...row }: Row): Omit<Row, 'verdict'> => row

export const TABLE_RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['leases', { to: 'parties', columns: ['publisher', 'provider'], show: withoutVerdict<LeaseRow> }],
  ['offers', { to: 'parties of the lease', column: 'lease' }],
  ['logins', { to: 'parties of the lease', column: 'lease' }],
  ['channels', { to: 'parties of the lease', column: 'leaseId' }],
  ['announcements', { to: 'all', show: withoutVerdict<AnnouncementRow> }],
  ['blocks', { to: 'all' }],
  ['reorganisations', { to: 'all' }],
  ['transactions', { to: 'all' }],
  ['block_fees', { to: 'all' }],
  ['mempool', { to: 'all' }],
  ['addresses', { to: 'all' }],
  ['address_transactions', { to: 'all' }],
  ['outputs', { to: 'all' }],
  // Sums over everybody: what a market is.
  ['price_index', { to: 'all' }],
  ['fill_times', { to: 'all' }],
  ['market_depth', { to: 'all' }],
  // Sums over everybody: no row of theirs names anyone, and the queries that read them give nothing else.
  ['price_index', { to: 'all' }],
  ['fill_times', { to: 'all' }],
  ['sold_usage', { to: 'all' }],
  ['market_depth', { to: 'all' }],
])

/** Whether a lease is one of this key's. */
export const isParty = (row: LeaseRow | undefined, key: string): boolean =>
  row !== undefined && (row.publisherKey === key || row.providerKey === key)

/** Of which lease a stream is. */
export const leaseOfStream = (stream: string): string | undefined =>
  /^(?:lease|channel)-([0-9a-f]{32})(?:\.\d{1,2})?$/.exec(stream)?.[1]

/** A fact of an announcement or of an own lease as another than the owner may see it; undefined: not at all. */
export const shownFact = (fact: Fact): Fact | undefined => {
  switch (fact.type) {
    case 'announcement.judged':
      return undefined
    case 'lease.matched':
      // Still told of: versions of a lease's facts have no gaps.
      return withoutVerdict(fact as Fact & { verdict?: unknown })
    case 'announcement.posted': {
      // The order has keys and the budget.
      const { order: _, ...rest } = fact as Fact & { order?: unknown }
      return rest
    }
    default:
      return fact
  }
}
