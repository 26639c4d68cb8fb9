import { type Bucket, listOf, SPANS, type Span } from '../../projections/bucket.ts'
import { type Digest, mergeDigests } from '../../projections/digest.ts'
import { FILLED, type Filled, type FillTimesRow, fillTimes } from '../../projections/fill-times.ts'
import { type DepthRow, type DepthSide, marketDepth } from '../../projections/market-depth.ts'
import { mergePrices, type PriceIndexRow, type PriceSource, priceIndex } from '../../projections/price-index.ts'
import { addSold, type SoldUsageRow, soldUsage } from '../../projections/sold-usage.ts'
import { MAX_PAGE_ROWS, type Projector, type Queried, type Where } from '../projector/port.ts'

/** Tables that statistics are read from. */
export const STATISTICS_TABLES = [priceIndex, fillTimes, soldUsage, marketDepth].map(({ name }) => name)

/** Hours that one summary adds up at the most. */
export const MAX_HOURS = 720

type BucketTable<Row> = Queried<Row, 'list' | 'from'>

/** Buckets that still stand at `now`: older ones are gone, or left over in part. */
export const bucketsFrom = (span: Span, now: number, from: number | null | undefined): number => {
  const { ms, kept } = SPANS[span]
  return Math.max(from ?? 0, (Math.floor(now / ms) - kept + 1) * ms)
}

/** Hour buckets of the last `hours`, this one and those before. */
const lastHours = <Row extends Bucket>(
  projector: Projector,
  table: BucketTable<Row>,
  series: string,
  hours: number,
  now: number,
): Row[] => {
  const from = (Math.floor(now / SPANS.hour.ms) - hours + 1) * SPANS.hour.ms
  const where: Where<'list' | 'from'> = { list: listOf(series, 'hour'), from: { gte: from } }
  return projector.query(table, { where, orderBy: 'from', limit: MAX_PAGE_ROWS }).map(({ row }) => row)
}

/** What the market was in a time. */
export type MarketSummary = {
  readonly from: number
  readonly prices: Readonly<Record<PriceSource, PriceIndexRow['prices'] | undefined>>
  readonly fillTimes: Readonly<Record<Filled, Digest | undefined>>
  readonly sold: Omit<SoldUsageRow, keyof Bucket> | undefined
}

export const summaryOf = (projector: Projector, hours: number, now: number): MarketSummary => {
  const prices = (source: PriceSource) =>
    lastHours(projector, priceIndex as unknown as BucketTable<PriceIndexRow>, source, hours, now)
      .map((row) => row.prices)
      .reduce<PriceIndexRow['prices'] | undefined>((all, one) => (all ? mergePrices(all, one) : one), undefined)
  const filled = (what: Filled) =>
    lastHours(projector, fillTimes as unknown as BucketTable<FillTimesRow>, what, hours, now)
      .map((row) => row.times)
      .reduce<Digest | undefined>(mergeDigests, undefined)
  const [agreed, serving] = FILLED
  return {
    from: (Math.floor(now / SPANS.hour.ms) - hours + 1) * SPANS.hour.ms,
    prices: { agreed: prices('agreed'), offered: prices('offered') },
    fillTimes: { agreed: filled(agreed), serving: filled(serving) },
    sold: lastHours(projector, soldUsage as unknown as BucketTable<SoldUsageRow>, 'market', hours, now).reduce<
      MarketSummary['sold']
    >((all, one) => (all ? addSold(all, one) : one), undefined),
  }
}

/** Levels of one side, as a buyer or a seller meets them: demand from the highest ceiling down, supply from the lowest price up. */
export const depthOf = (projector: Projector, side: DepthSide): DepthRow[] =>
  projector
    .query(marketDepth as unknown as Queried<DepthRow, 'list' | 'level'>, {
      where: { list: side },
      orderBy: 'level',
      descending: side === 'demand',
      limit: MAX_PAGE_ROWS,
    })
    .map(({ row }) => row)
