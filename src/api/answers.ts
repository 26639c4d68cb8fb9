import { underCeiling } from '../../domain/ceiling.ts'
import { type DryRun, dryRun } from '../../domain/dry-run/dry-run.ts'
import type { RuleVerdict } from '../../domain/match.ts'
import type { AnnouncementRow } from '../../projections/announcements.ts'
import { type LeaseRow, leases } from '../../projections/leases.ts'
import { type OfferRow, offers } from '../../projections/offers.ts'
import type { ProviderRow } from '../../projections/providers.ts'
import type { Projector } from '../projector/port.ts'
import { knownProviders, tipHeight } from './dry-run.ts'

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

/** Who answered an own announcement and who did not; undefined when its body is not known. */
export const answersTo = (projector: Projector, row: AnnouncementRow, now: number): Answers | undefined => {
  const { id: announcement, body, record, author } = row
  if (body === undefined) return undefined
  const where = { announcement }
  const newest = { orderBy: 'began', descending: true, limit: MAX_BIDS } as const
  const came = projector.query(leases, { where: { ...where, side: 'publisher' }, ...newest }).map((it) => it.row)
  const offered = new Map<string, OfferRow>()
  for (const { row: offer } of projector.query(offers, { where, ...newest }))
    if (!offered.has(offer.lease)) offered.set(offer.lease, offer)
  const bids = came.map((lease) => {
    const offer = offered.get(lease.id)
    return { lease, offer, rules: offer ? underCeiling(offer.price, offer.resources, body.maxHourlyMsat) : [] }
  })
  const keys = new Set(came.map(({ providerKey }) => providerKey))
  const height = tipHeight(projector)
  const request = { publisherKey: author, expiryHeight: record?.expiryHeight ?? height + 1, body }
  const others = knownProviders(projector, now).filter(({ id }) => !keys.has(id))
  return { bids, silent: dryRun(request, others, height) }
}
