import { randomUUID } from 'node:crypto'
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { plainText } from '../../../domain/plain-text.ts'
import { addChangeOptions, type ChangeFlags, changeBy } from '../change.ts'
import { addNodeOptions, connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, outputOption, printRows, say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'

type StoppedView = { readonly code: string; readonly why: string; readonly retrying: boolean }
type ProjectionView = {
  readonly name: string
  readonly version: number
  readonly position: string
  readonly head: string
  readonly lagFacts: number
  readonly lagSeconds: number
  readonly readable: boolean
  readonly outdated: boolean
  readonly stopped: StoppedView | null
  readonly building: {
    readonly percent: number
    readonly leftSeconds: number | null
    readonly stopped: StoppedView | null
  } | null
}

const STOPPED = 'stopped { code why position since retrying }'
const FIELDS = `name version position head lagFacts lagSeconds readable outdated ${STOPPED}
  building { position percent leftSeconds ${STOPPED} }`

const stands = ({ code, why, retrying }: StoppedView): string =>
  `${retrying ? 'waits' : 'stands still'}: ${why} (${code})`

const stateOf = ({ readable, outdated, stopped, building }: ProjectionView): string => {
  if (stopped) return stands(stopped)
  if (!building) return 'live'
  const left = building.leftSeconds === null ? '' : `, ${Math.ceil(building.leftSeconds)} s left`
  const build = building.stopped ? stands(building.stopped) : `building: ${building.percent} %${left}`
  return `${readable ? (outdated ? 'old rows' : 'live') : 'no rows yet'}; ${build}`
}

const COLUMNS: readonly Column<ProjectionView>[] = [
  ['NAME', (it) => it.name],
  ['VERSION', (it) => it.version],
  ['POSITION', (it) => it.position],
  ['HEAD', (it) => it.head],
  ['BEHIND', (it) => it.lagFacts],
  ['FOR', (it) => (it.lagFacts === 0 ? '' : `${it.lagSeconds.toFixed(1)} s`)],
  ['STATE', stateOf],
]

const list = async (flags: NodeFlags & { readonly output: Output }): Promise<void> => {
  const { projections } = await connect(flags).request<{ projections: readonly ProjectionView[] }>(
    `{ projections { ${FIELDS} } }`,
  )
  printRows(projections, COLUMNS, flags.output)
}

type Told = { readonly __typename: 'ProjectionTold'; readonly projection: ProjectionView }

const tell = async (
  mutation: 'rebuildProjection' | 'replayProjection',
  name: string,
  flags: NodeFlags & ChangeFlags,
): Promise<void> => {
  const { told } = await changeBy<{ told: Told | ProblemView }>(
    connect(flags),
    {
      document: `mutation($input: ProjectionInput!) {
        told: ${mutation}(input: $input) { __typename ... on ProjectionTold { projection { ${FIELDS} } } ${PROBLEM_FIELDS} }
      }`,
      variables: { input: { name, idempotencyKey: randomUUID() } },
      does: `${mutation === 'rebuildProjection' ? 'fold anew' : 'let go on'} the table ${plainText(name)}`,
    },
    flags,
  )
  say(`${name}: ${stateOf(doneOrFault(told).projection)}`)
}

/** `zennet projections …` */
export const projectionsCommand = (): CommandUnknownOpts => {
  const projections = new Command('projections').description('tables that lists are read from, folded from the log')
  const ls = projections
    .command('ls')
    .description('how far each is, and why one stands still')
    .addOption(outputOption())
    .action(async (flags) => list(flags as NodeFlags & { output: Output }))
  const rebuild = projections
    .command('rebuild')
    .description('fold one anew from the whole log; its rows can be read meanwhile')
    .argument('<table>', 'as in ls')
    .action(async (name, flags) => tell('rebuildProjection', name, flags as NodeFlags))
  const replay = projections
    .command('replay')
    .description('let one that stands still try again, from the fact at which it stopped')
    .argument('<table>', 'as in ls')
    .action(async (name, flags) => tell('replayProjection', name, flags as NodeFlags))
  for (const command of [rebuild, replay]) addChangeOptions(command as unknown as CommandUnknownOpts, { asks: false })
  for (const command of [ls, rebuild, replay]) addNodeOptions(command as unknown as CommandUnknownOpts)
  return projections as unknown as CommandUnknownOpts
}
