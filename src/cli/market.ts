import { Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { addNodeOptions, connect, type NodeFlags } from './node-options.ts'
import { type Column, type Output, outputOption, printRows } from './output.ts'
import { msatToSats, showNumber, showSize } from './quantity.ts'

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

type LsFlags = NodeFlags & { readonly output: Output; readonly all?: true; readonly own?: true }

const listMarket = async (flags: LsFlags): Promise<void> => {
  const { announcements } = await connect(flags).request<{ announcements: { edges: { node: AnnouncementView }[] } }>(
    `query($status: [AnnouncementStatus!], $own: Boolean) {
      announcements(first: 100, filter: { status: $status, own: $own }) { edges { node { ${FIELDS} } } }
    }`,
    { status: flags.all === true ? null : ['STANDING'], own: flags.own ?? null },
  )
  printRows(
    announcements.edges.map(({ node }) => node),
    COLUMNS,
    flags.output,
  )
}

const hours = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 720) throw new InvalidArgumentError('Not a number of 1 to 720.')
  return value
}

/** `zennet market …` */
export const marketCommand = (): CommandUnknownOpts => {
  const market = new Command('market').description('the market as this node sees it')
  const ls = market
    .command('ls')
    .description('announcements that stand, newest first; HERE says whether this provider’s policy takes them')
    .addOption(new Option('--all', 'also those that were withdrawn or have expired'))
    .option('--own', 'only those of this node')
    .addOption(outputOption())
    .action(async (flags) => listMarket(flags as LsFlags))
  const stats = market
    .command('stats')
    .description('prices of each resource, how long announcements wait, and what was sold')
    .option('--hours <count>', 'of the last hours, 1 to 720', hours, 24)
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/stats.ts')).showStatistics(flags))
  const offers = market
    .command('offers')
    .description('offers of providers, newest first: for how much, and how available they were')
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/offers.ts')).listOffers(flags))
  const depth = market
    .command('depth')
    .description('what is wanted and offered now, by price')
    .addOption(outputOption())
    .action(async (flags) => (await import('./market/depth.ts')).showDepth(flags))
  for (const command of [ls, stats, offers, depth]) addNodeOptions(command as unknown as CommandUnknownOpts)
  return market as unknown as CommandUnknownOpts
}
