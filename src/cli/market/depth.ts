import { connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, print, printOne, printRows } from '../output.ts'
import { showSize } from '../quantity.ts'
import { MARKET_FEED } from '../watch/feeds.ts'
import { watchLive } from '../watch/live.ts'
import type { WatchFlags } from '../watch/options.ts'
import { bar } from './plot.ts'
import { showMsat } from './stats.ts'

type Level = {
  readonly levelMsat: string
  readonly entries: number
  readonly machines: number
  readonly machinesSoFar: number
  readonly cores: number
  readonly memoryBytes: string
  readonly diskBytes: string
}
type Depth = { readonly demand: readonly Level[]; readonly supply: readonly Level[]; readonly position: string }

const LEVEL = 'levelMsat entries machines machinesSoFar cores memoryBytes diskBytes'
const BAR_WIDTH = 30

const columns = (levels: readonly Level[], price: string): readonly Column<Level>[] => {
  const most = Math.max(...levels.map(({ machinesSoFar }) => machinesSoFar))
  return [
    [price, ({ levelMsat }) => showMsat(levelMsat)],
    ['ENTRIES', (it) => it.entries],
    ['MACHINES', (it) => it.machines],
    ['CORES', (it) => it.cores],
    ['MEMORY', (it) => showSize(it.memoryBytes)],
    ['DISK', (it) => showSize(it.diskBytes)],
    ['SO FAR', (it) => it.machinesSoFar],
    ['', (it) => bar(it.machinesSoFar, most, BAR_WIDTH)],
  ]
}

const machines = (levels: readonly Level[]): number => levels.reduce((sum, it) => sum + it.machines, 0)
/** In one line, for what changes. */
const SUMS: readonly Column<Depth>[] = [
  ['WANTED', ({ demand }) => machines(demand)],
  ['AT MOST', ({ demand }) => showMsat(demand[0]?.levelMsat)],
  ['OFFERED', ({ supply }) => machines(supply)],
  ['FROM', ({ supply }) => showMsat(supply[0]?.levelMsat)],
]

/** `zennet market depth` */
export const showDepth = async (flags: NodeFlags & WatchFlags & { readonly output: Output }): Promise<void> => {
  const client = connect(flags)
  const read = async (atLeast?: string): Promise<Depth> => {
    const { depth } = await client.request<{ depth: Depth }>(
      `query($atLeast: Position) { depth(atLeast: $atLeast) { position demand { ${LEVEL} } supply { ${LEVEL} } } }`,
      { atLeast: atLeast ?? null },
    )
    return depth
  }
  if (flags.watch)
    return watchLive<Depth>(
      {
        client,
        document: MARKET_FEED,
        keyOf: () => 'depth',
        list: async (atLeast) => [await read(atLeast)],
        row: (_, atLeast) => read(atLeast),
        columns: SUMS,
      },
      flags,
    )
  const depth = await read()
  if (flags.output !== 'table') return printOne(depth, [], flags.output)
  const sides = [
    ['wanted, from the highest ceiling down', depth.demand, 'AT MOST'],
    ['offered, from the lowest price up', depth.supply, 'FROM'],
  ] as const
  print('sats for an hour of a machine, for each core\n')
  for (const [title, levels, price] of sides) {
    print(levels.length === 0 ? `${title}: nothing\n` : `${title}:`)
    if (levels.length === 0) continue
    printRows(levels, columns(levels, price), 'table')
    print('')
  }
}
