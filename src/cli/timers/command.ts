import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { addNodeOptions, connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, outputOption, printRows } from '../output.ts'

type TimerView = {
  readonly key: string
  readonly kind: string
  readonly subject: string
  readonly state: string
  readonly due: string
  readonly endedAt: string | null
}

const COLUMNS: readonly Column<TimerView>[] = [
  ['DUE', (it) => it.due],
  ['STATE', (it) => it.state.toLowerCase()],
  ['KIND', (it) => it.kind],
  ['SUBJECT', (it) => it.subject],
  ['ENDED', (it) => it.endedAt],
]

const list = async (flags: NodeFlags & { readonly output: Output; readonly all?: true }): Promise<void> => {
  const { timers } = await connect(flags).request<{ timers: { edges: { node: TimerView }[] } }>(
    `query($states: [TimerState!], $order: TimerOrder) {
      timers(first: 100, filter: { state: $states }, orderBy: $order) {
        edges { node { key kind subject state due endedAt } }
      }
    }`,
    flags.all
      ? { states: null, order: { by: 'BEGAN', direction: 'DESCENDING' } }
      : { states: ['SET'], order: { by: 'DUE', direction: 'ASCENDING' } },
  )
  printRows(
    timers.edges.map(({ node }) => node),
    COLUMNS,
    flags.output,
  )
}

/** `zennet timers …` */
export const timersCommand = (): CommandUnknownOpts => {
  const timers = new Command('timers').description('what is to be done at a time')
  const ls = timers
    .command('ls')
    .description('those that are set, the next one first')
    .option('--all', 'also those that have fired or were cancelled; newest first')
    .addOption(outputOption())
    .action(async (flags) => list(flags as NodeFlags & { output: Output; all?: true }))
  addNodeOptions(ls as unknown as CommandUnknownOpts)
  return timers as unknown as CommandUnknownOpts
}
