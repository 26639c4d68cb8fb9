import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { showNumber, showSize } from '../quantity.ts'
import { sparkline } from './plot.ts'

type Prices = { readonly count: number } & Readonly<Record<'medianMsat' | 'minMsat' | 'maxMsat', string>> & {
    readonly meanMsat: string | null
  }
type Times = { readonly count: number } & Readonly<Record<'p50Ms' | 'p90Ms' | 'p99Ms', string>>
type Resource = { readonly resource: string; readonly agreed: Prices | null; readonly offered: Prices | null }
type Statistics = {
  readonly from: string
  readonly announcements: number
  readonly machinesWanted: number
  readonly openOffers: number
  readonly prices: readonly Resource[]
  readonly timeToAgreed: Times | null
  readonly timeToServing: Times | null
  readonly sold: {
    readonly owedMsat: string
    readonly leasedCoreUs: string
    readonly used: Readonly<Record<'wallUs' | 'cpuUs' | 'memByteSeconds' | 'netRxBytes' | 'netTxBytes', string>>
  } | null
}
type History = { readonly edges: readonly { readonly node: { readonly from: string; readonly prices: Prices } }[] }

const PRICES = 'count medianMsat minMsat maxMsat meanMsat'
const QUERY = `query($hours: Int!) {
  marketStatistics(hours: $hours) {
    from announcements machinesWanted openOffers
    prices { resource agreed { ${PRICES} } offered { ${PRICES} } }
    timeToAgreed { count p50Ms p90Ms p99Ms } timeToServing { count p50Ms p90Ms p99Ms }
    sold { owedMsat leasedCoreUs used { wallUs cpuUs memByteSeconds netRxBytes netTxBytes } }
  }
  priceHistory(resource: MACHINE_CORE_HOUR, bucket: HOUR, first: 100) { edges { node { from prices { ${PRICES} } } } }
}`

const HOUR_MS = 3_600_000
/** Hours that the line of prices shows at the most. */
const LINE_HOURS = 48

/** msat as sats with three decimals: prices of traffic and memory are small. */
export const showMsat = (msat: string | null | undefined): string =>
  msat == null ? '' : `${showNumber(BigInt(msat) / 1_000n)}.${String(BigInt(msat) % 1_000n).padStart(3, '0')}`

const price = (it: Prices | null): string =>
  it === null ? '' : `${showMsat(it.medianMsat)} (${showMsat(it.minMsat)} to ${showMsat(it.maxMsat)})`

const COLUMNS: readonly Column<Resource>[] = [
  ['SATS A UNIT', ({ resource }) => resource.toLowerCase().replaceAll('_', ' ')],
  ['AGREED: MEDIAN (RANGE)', ({ agreed }) => price(agreed)],
  ['MEAN', ({ agreed }) => showMsat(agreed?.meanMsat)],
  ['OFFERED: MEDIAN (RANGE)', ({ offered }) => price(offered)],
]

const seconds = (ms: string): string => `${(Number(ms) / 1_000).toFixed(1)} s`
const times = (it: Times | null): string =>
  it === null
    ? ''
    : `half in ${seconds(it.p50Ms)}, 90 % in ${seconds(it.p90Ms)}, 99 % in ${seconds(it.p99Ms)} (${it.count})`
const hoursOf = (us: string): string => (Number(BigInt(us) / 1_000n) / HOUR_MS).toFixed(2)

const FIELDS: readonly Column<Statistics>[] = [
  ['since', ({ from }) => from],
  ['wanted', (it) => `${it.machinesWanted} machines in ${it.announcements} announcements`],
  ['open offers', (it) => it.openOffers],
  ['until agreed', (it) => times(it.timeToAgreed)],
  ['until serving', (it) => times(it.timeToServing)],
  ['core hours', ({ sold }) => sold && `${hoursOf(sold.leasedCoreUs)} leased, ${hoursOf(sold.used.cpuUs)} used`],
  ['traffic', ({ sold }) => sold && `${showSize(sold.used.netRxBytes)} in, ${showSize(sold.used.netTxBytes)} out`],
  ['owed, sats', ({ sold }) => sold && showMsat(sold.owedMsat)],
]

/** Medians of the last hours, oldest first; absent where nothing was agreed. */
const lineOf = ({ edges }: History, hours: number): (number | undefined)[] => {
  const newest = edges[0] && Date.parse(edges[0].node.from)
  if (newest === undefined) return []
  const byHour = new Map(edges.map(({ node }) => [Date.parse(node.from), Number(node.prices.medianMsat)]))
  const length = Math.min(hours, LINE_HOURS)
  return Array.from({ length }, (_, i) => byHour.get(newest - (length - 1 - i) * HOUR_MS))
}

/** `zennet market stats` */
export const showStatistics = async (flags: NodeFlags & { readonly hours: number; readonly output: Output }) => {
  const { hours, output } = flags
  const { marketStatistics, priceHistory } = await connect(flags).request<{
    marketStatistics: Statistics
    priceHistory: History
  }>(QUERY, { hours })
  if (output !== 'table') return printOne(marketStatistics, [], output)
  printOne(marketStatistics, FIELDS, output)
  print('')
  printRows(
    marketStatistics.prices.filter(({ agreed, offered }) => agreed ?? offered),
    COLUMNS,
    output,
  )
  const line = lineOf(priceHistory, hours)
  if (line.length > 0) print(`\nmachine core hour, by hour  ${sparkline(line)}`)
}
