import { notFound } from '../exit-code.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, printRows } from '../output.ts'
import { msatToSats, showNumber, showSize } from '../quantity.ts'
import { MARKET_FEED } from '../watch/feeds.ts'
import { watchLive } from '../watch/live.ts'
import type { WatchFlags } from '../watch/options.ts'

type AnnouncementView = {
  readonly txid: string
  readonly status: string
  readonly own: boolean
  readonly author: string | null
  readonly count: number
  readonly label: string | null
  readonly image: string | null
  readonly isolation: string | null
  readonly maxHourlyMsat: string | null
  readonly height: number | null
  readonly resources: { readonly cpuMillis: number; readonly memoryBytes: string; readonly diskBytes: string } | null
  readonly record: { readonly endpoint: string; readonly expiryHeight: string; readonly maxHourlyMsat: string } | null
  readonly verdict: {
    readonly ok: boolean
    readonly rules: readonly { rule: string; ok: boolean; want: string; have: string }[]
  } | null
}

const FIELDS = `txid status own author count label image isolation maxHourlyMsat height
  resources { cpuMillis memoryBytes diskBytes } record { endpoint expiryHeight maxHourlyMsat }
  verdict { ok rules { rule ok want have } }`

const COLUMNS: readonly Column<AnnouncementView>[] = [
  ['ANNOUNCEMENT', (it) => it.txid],
  ['STATUS', (it) => `${it.status.toLowerCase()}${it.own ? ', own' : ''}`],
  ['COUNT', (it) => it.count],
  ['CPU', (it) => it.resources && it.resources.cpuMillis / 1_000],
  ['MEMORY', (it) => it.resources && showSize(it.resources.memoryBytes)],
  ['IMAGE', (it) => it.image],
  [
    'MOST SATS/H',
    ({ maxHourlyMsat, record }) => {
      const most = maxHourlyMsat ?? record?.maxHourlyMsat
      return most === undefined ? '' : showNumber(msatToSats(most))
    },
  ],
  ['EXPIRES', (it) => it.record?.expiryHeight],
  ['HERE', ({ verdict }) => (verdict === null ? '' : verdict.ok ? 'matches' : noBecause(verdict.rules))],
  ['LABEL', (it) => it.label],
]

const noBecause = (rules: readonly { rule: string; ok: boolean }[]): string =>
  `no: ${rules
    .filter(({ ok }) => !ok)
    .map(({ rule }) => rule)
    .join(', ')}`

type LsFlags = NodeFlags &
  WatchFlags & { readonly output: Output; readonly all?: true | undefined; readonly own?: true | undefined }

/** Announcements, newest first. */
export const listMarket = async (flags: LsFlags): Promise<void> => {
  const client = connect(flags)
  const list = async (atLeast?: string): Promise<readonly AnnouncementView[]> => {
    const { announcements } = await client.request<{ announcements: { edges: { node: AnnouncementView }[] } }>(
      `query($status: [AnnouncementStatus!], $own: Boolean, $atLeast: Position) {
        announcements(first: 100, filter: { status: $status, own: $own }, atLeast: $atLeast) {
          edges { node { ${FIELDS} } } } }`,
      { status: flags.all === true ? null : ['STANDING'], own: flags.own ?? null, atLeast: atLeast ?? null },
    )
    return announcements.edges.map(({ node }) => node)
  }
  if (!flags.watch) return printRows(await list(), COLUMNS, flags.output)
  const row = async (txid: string, atLeast: string): Promise<AnnouncementView | undefined> => {
    const { announcement } = await client.request<{ announcement: AnnouncementView | null }>(
      `query($txid: Hex!, $atLeast: Position) { announcement(txid: $txid, atLeast: $atLeast) { ${FIELDS} } }`,
      { txid, atLeast },
    )
    if (announcement === null) throw notFound(`there is no announcement ${txid}`, 'See zennet market ls.')
    // One that stands no more is told as well: that is the change.
    return flags.own && !announcement.own ? undefined : announcement
  }
  await watchLive<AnnouncementView>(
    { client, document: MARKET_FEED, keyOf: (item) => item.announcementTxid ?? undefined, list, row, columns: COLUMNS },
    flags,
  )
}
