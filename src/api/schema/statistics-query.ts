import { GraphQLError } from 'graphql'
import { listOf, type Span } from '../../../projections/bucket.ts'
import type { Digest } from '../../../projections/digest.ts'
import { type FillTimesRow, fillTimes } from '../../../projections/fill-times.ts'
import { type DepthRow, marketDepth } from '../../../projections/market-depth.ts'
import { PRICED, type Priced, type PriceIndexRow, priceIndex } from '../../../projections/price-index.ts'
import { type SoldUsageRow, soldUsage } from '../../../projections/sold-usage.ts'
import type { Queried } from '../../projector/port.ts'
import { bucketsFrom, depthOf, MAX_HOURS, type MarketSummary, STATISTICS_TABLES, summaryOf } from '../statistics.ts'
import { builder } from './builder.ts'
import { type FreshArg, freshArg, listArgs, type Page, type PageArgs, pageOf } from './connection.ts'
import type { ApiContext } from './context.ts'
import { TimeRange } from './filter.ts'
import { untilFresh } from './fresh.ts'
import { orderType } from './order.ts'
import {
  type DepthLevel,
  DepthType,
  FillBucketConnection,
  FilledEnum,
  FillTimesType,
  PriceBucketConnection,
  PricedEnum,
  PriceSourceEnum,
  PriceSummaryType,
  SoldType,
  SpanEnum,
  type Timed,
  UtilisationConnection,
} from './statistics-types.ts'

const BucketFilter = builder.inputType('BucketFilter', {
  fields: (t) => ({ from: t.field({ type: TimeRange, description: 'First moments of the buckets.' }) }),
})
const BucketOrder = orderType('Bucket', { FROM: { value: 'from', description: 'Their first moment.' } })

type BucketArgs = PageArgs &
  FreshArg & {
    readonly bucket?: Span | null | undefined
    readonly filter?: typeof BucketFilter.$inferInput | null | undefined
    readonly orderBy?: typeof BucketOrder.$inferInput | null | undefined
  }

/** A page of buckets of one series, newest first unless another order is asked for. */
const bucketPage = async <Row, More extends object>(
  context: ApiContext,
  table: { readonly name: string },
  series: string,
  { bucket, filter, orderBy, ...args }: BucketArgs,
  more: More,
): Promise<Page<Timed<Row> & More>> => {
  const span = bucket ?? 'hour'
  const now = context.clock.now()
  const gte = bucketsFrom(span, now, filter?.from?.from)
  const { edges, pageInfo } = await pageOf(context, table as Queried<Row, 'list' | 'from'>, args, {
    order: orderBy ?? { by: 'from', direction: 'DESCENDING' },
    where: {
      list: listOf(series, span),
      from: filter?.from?.before == null ? { gte } : { gte, lt: filter.from.before },
    },
  })
  const position = context.projector.position(table.name)
  return {
    edges: edges.map(({ cursor, node: row }) => ({ cursor, node: { row, span, now, position, ...more } })),
    pageInfo,
  }
}

type PricesOf = { readonly priced: Priced; readonly prices: MarketSummary['prices'] }
const ResourcePricesType = builder.objectRef<PricesOf>('ResourcePrices').implement({
  description: 'Prices of one resource; null where there were none.',
  fields: (t) => ({
    resource: t.expose('priced', { type: PricedEnum }),
    agreed: t.field({
      type: PriceSummaryType,
      nullable: true,
      resolve: ({ priced, prices }) => prices.agreed?.[priced] ?? null,
    }),
    offered: t.field({
      type: PriceSummaryType,
      nullable: true,
      resolve: ({ priced, prices }) => prices.offered?.[priced] ?? null,
    }),
  }),
})

type Summary = MarketSummary & {
  readonly position: number
  readonly depth: Record<'demand' | 'supply', readonly DepthRow[]>
}
const sumOf = (rows: readonly DepthRow[], what: 'entries' | 'machines'): number =>
  rows.reduce((sum, row) => sum + row[what], 0)
const optional = (digest: Digest | undefined): Digest | null => digest ?? null

const MarketStatisticsType = builder.objectRef<Summary>('MarketStatistics').implement({
  description:
    'The market as this node knows it: from announcements on the chain, and offers and leases that it had part in.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'Where the time that is added up begins.' }),
    prices: t.field({
      type: [ResourcePricesType],
      resolve: ({ prices }) => PRICED.map((priced) => ({ priced, prices })),
    }),
    timeToAgreed: t.field({ type: FillTimesType, nullable: true, resolve: (it) => optional(it.fillTimes.agreed) }),
    timeToServing: t.field({ type: FillTimesType, nullable: true, resolve: (it) => optional(it.fillTimes.serving) }),
    sold: t.field({ type: SoldType, nullable: true, resolve: ({ sold }) => sold ?? null }),
    announcements: t.int({ description: 'That stand now.', resolve: ({ depth }) => sumOf(depth.demand, 'entries') }),
    machinesWanted: t.int({ resolve: ({ depth }) => sumOf(depth.demand, 'machines') }),
    openOffers: t.int({ resolve: ({ depth }) => sumOf(depth.supply, 'entries') }),
    position: t.expose('position', { type: 'Position' }),
  }),
})

const positionOf = ({ projector }: ApiContext): number =>
  Math.min(...STATISTICS_TABLES.map((name) => projector.position(name)))

const soFar = (rows: readonly DepthRow[]): DepthLevel[] => {
  let machinesSoFar = 0
  return rows.map((row) => {
    machinesSoFar += row.machines
    return { ...row, machinesSoFar }
  })
}

builder.queryFields((t) => {
  const bucketArgs = {
    ...listArgs,
    bucket: t.arg({ type: SpanEnum, required: false, description: 'Default HOUR.' }),
    filter: t.arg({ type: BucketFilter, required: false }),
    orderBy: t.arg({ type: BucketOrder, required: false, description: 'Default FROM, descending.' }),
  }
  return {
    marketStatistics: t.field({
      type: MarketStatisticsType,
      args: {
        ...freshArg,
        hours: t.arg.int({ required: true, defaultValue: 24, description: `1 to ${MAX_HOURS}, this one among them.` }),
      },
      resolve: async (_, { atLeast, hours }, context) => {
        if (hours < 1 || hours > MAX_HOURS)
          throw new GraphQLError(`hours is ${hours}: expected 1 to ${MAX_HOURS}`, {
            extensions: { code: 'api.bad-input' },
          })
        await untilFresh(context, atLeast, ...STATISTICS_TABLES)
        const { projector, clock } = context
        const depth = { demand: depthOf(projector, 'demand'), supply: depthOf(projector, 'supply') }
        return { ...summaryOf(projector, hours, clock.now()), depth, position: positionOf(context) }
      },
    }),
    priceHistory: t.field({
      type: PriceBucketConnection,
      description: 'Prices of one resource in buckets, newest first.',
      args: {
        ...bucketArgs,
        resource: t.arg({ type: PricedEnum, required: true }),
        source: t.arg({ type: PriceSourceEnum, required: false, description: 'Default AGREED.' }),
      },
      resolve: (_, { resource, source, ...args }, context) =>
        bucketPage<PriceIndexRow, { priced: Priced }>(context, priceIndex, source ?? 'agreed', args, {
          priced: resource,
        }),
    }),
    fillHistory: t.field({
      type: FillBucketConnection,
      description: 'How long announcements waited, in buckets, newest first.',
      args: { ...bucketArgs, stage: t.arg({ type: FilledEnum, required: false, description: 'Default AGREED.' }) },
      resolve: (_, { stage, ...args }, context) =>
        bucketPage<FillTimesRow, object>(context, fillTimes, stage ?? 'agreed', args, {}),
    }),
    utilisation: t.field({
      type: UtilisationConnection,
      description: 'How much of this provider’s machine was leased and used, in buckets, newest first.',
      args: bucketArgs,
      resolve: (_, args, context) => bucketPage<SoldUsageRow, object>(context, soldUsage, 'own', args, {}),
    }),
    depth: t.field({
      type: DepthType,
      args: freshArg,
      resolve: async (_, { atLeast }, context) => {
        await untilFresh(context, atLeast, marketDepth.name)
        const { projector } = context
        return {
          demand: soFar(depthOf(projector, 'demand')),
          supply: soFar(depthOf(projector, 'supply')),
          position: projector.position(marketDepth.name),
        }
      },
    }),
  }
})
