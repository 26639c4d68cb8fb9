import { underCeiling } from '../../domain/ceiling.ts'
import { type DryRun, dryRun } from '../../domain/dry-run/dry-run.ts'
import type { RuleVerdict } from '../../domain/match.ts'
import type { AnnouncementRow } from '../../projections/announcements.ts'
import { type LeaseRow, leases } from '../../projections/leases.ts'
import { type OfferRow, offers } from '../../projections/offers.ts'
import type { ProviderRow } from '../../projections/providers.ts'
import { MAX_PAGE_ROWS, type Projector } from '../projector/port.ts'
import { tipHeight } from './dry-run.ts'

/** Bids of one announcement that are shown, the newest. */
export const MAX_BIDS = 200

/** A provider that came because of an announcement: what it offered last, and what became of it. */
export type Bid = {
  readonly lease: LeaseRow
  readonly offer: OfferRow | undefined
  /** Its price against the ceiling. */
  readonly rules: readonly RuleVerdict[]
}

export type Answers = {
  readonly bids: readonly Bid[]
  /** Of those who are known and did not come. */
  readonly silent: DryRun<ProviderRow>
}

/** Leases whose offers are asked for at a time. */
const LEASES_AT_ONCE = 50

/** The newest offer of each lease that has one: what a provider offered before takes no room from those of others. */
const newestOffers = (projector: Projector, ids: readonly string[]): ReadonlyMap<string, OfferRow> => {
  const found = new Map<string, OfferRow>()
  let left = ids
  while (left.length > 0) {
    const asked = left.slice(0, LEASES_AT_ONCE)
    const rows = projector.query(offers, {
      where: { lease: { in: asked } },
      orderBy: 'began',
      descending: true,
      limit: MAX_PAGE_ROWS,
    })
    for (const { row } of rows) if (!found.has(row.lease)) found.set(row.lease, row)
    const unseen = rows.length < MAX_PAGE_ROWS ? [] : asked.filter((id) => !found.has(id))
    left = [...unseen, ...left.slice(LEASES_AT_ONCE)]
  }
  return found
}

/**
 * Who answered an own announcement and who did not; undefined when its body is not known.
 * @param known the providers that may have
 */
export const answersTo = (
  projector: Projector,
  row: AnnouncementRow,
  known: readonly ProviderRow[],
): Answers | undefined => {
  const { id: announcement, body, record, author } = row
  if (body === undefined) return undefined
  const where = { announcement, side: 'publisher' }
  const came = projector
    .query(leases, { where, orderBy: 'began', descending: true, limit: MAX_BIDS })
    .map((it) => it.row)
  const offered = newestOffers(
    projector,
    came.map(({ id }) => id),
  )
  const bids = came.map((lease) => {
    const offer = offered.get(lease.id)
    return { lease, offer, rules: offer ? underCeiling(offer.price, offer.resources, body.maxHourlyMsat) : [] }
  })
  const keys = new Set(came.map(({ providerKey }) => providerKey))
  const height = tipHeight(projector)
  const request = { publisherKey: author, expiryHeight: record?.expiryHeight ?? height + 1, body }
  const others = known.filter(({ id }) => !keys.has(id))
  return { bids, silent: dryRun(request, others, height) }
}
