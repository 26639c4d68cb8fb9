import { type DryRun, dryRun } from '../../domain/dry-run/dry-run.ts'
import type { Request } from '../../domain/match.ts'
import { blocks } from '../../projections/blocks.ts'
import { type ProviderRow, providers } from '../../projections/providers.ts'
import type { Projector, Queried } from '../projector/port.ts'
import type { AnnouncementRequest, Market } from './port.ts'

/** Providers that one dry run asks: those whose offers are the newest. */
export const MAX_JUDGED = 200

/** A provider that has offered nothing for so long is taken for gone, ms. */
export const STALE_MS = 7 * 86_400_000

/** The providers that this node knows, those with the newest offers first. */
export const knownProviders = (projector: Projector, now: number): readonly ProviderRow[] =>
  projector
    .query(providers as unknown as Queried<ProviderRow, 'list' | 'lastAt'>, {
      where: { list: 'provider', lastAt: { gte: now - STALE_MS } },
      orderBy: 'lastAt',
      descending: true,
      limit: MAX_JUDGED,
    })
    .map(({ row }) => row)

export const tipHeight = (projector: Projector): number =>
  projector.query(blocks, { orderBy: 'height', descending: true, limit: 1 })[0]?.row.height ?? 0

/** Who would take a request that is not posted. */
export const tryDry = (
  { body, expiryBlocks }: AnnouncementRequest,
  { market, projector, now }: { readonly market: Market; readonly projector: Projector; readonly now: number },
): DryRun<ProviderRow> => {
  const height = tipHeight(projector)
  const request: Request = {
    publisherKey: market.status().identity ?? '',
    expiryHeight: height + expiryBlocks,
    body,
  }
  return dryRun(request, knownProviders(projector, now), height)
}
