import { randomUUID } from 'node:crypto'
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { plainText } from '../../../domain/plain-text.ts'
import { addChangeOptions, type ChangeFlags, changeBy } from '../change.ts'
import { addNodeOptions, connect, type NodeFlags } from '../node-options.ts'
import { type Column, type Output, outputOption, printRows, say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'

type EffectView = {
  readonly effectId: string
  readonly kind: string
  readonly subject: string
  readonly state: string
  readonly askedAt: string
  readonly endedAt: string | null
  readonly failureCode: string | null
  readonly failureNext: string | null
  readonly attempts: number | null
}
const FIELDS = 'effectId kind subject state askedAt endedAt failureCode failureNext attempts'

const COLUMNS: readonly Column<EffectView>[] = [
  ['EFFECT', (it) => it.effectId],
  ['STATE', (it) => it.state.toLowerCase()],
  ['KIND', (it) => it.kind],
  ['SUBJECT', (it) => it.subject],
  ['ASKED', (it) => it.askedAt],
  ['WHY', (it) => (it.failureCode === null ? '' : `${it.failureCode}, ${it.attempts} attempts`)],
]

/** Effects of one page: of those that are open or parked there are few, or something is very wrong. */
const MOST = 100

const list = async (flags: NodeFlags & { readonly output: Output; readonly all?: true }): Promise<void> => {
  const { effects } = await connect(flags).request<{ effects: { edges: { node: EffectView }[] } }>(
    `query($states: [EffectState!]) {
      effects(first: ${MOST}, filter: { state: $states }) { edges { node { ${FIELDS} } } }
    }`,
    { states: flags.all ? null : ['OPEN', 'PARKED'] },
  )
  const rows = effects.edges.map(({ node }) => node)
  printRows(rows, COLUMNS, flags.output)
  for (const { effectId, state, failureNext } of rows)
    if (state === 'PARKED' && failureNext !== null) say(plainText(`${effectId} is parked: ${failureNext}`))
  const { projections } = await connect(flags).request<{
    projections: readonly { readonly name: string; readonly stopped: { readonly code: string } | null }[]
  }>('{ projections { name stopped { code } } }')
  for (const { name, stopped } of projections)
    if (stopped) say(plainText(`The table ${name} stands still (${stopped.code}): see zennet projections ls.`))
}

type Told = { readonly __typename: 'EffectTold'; readonly effect: EffectView | null }

const tell = async (
  mutation: 'replayEffect' | 'dropEffect',
  effectId: string,
  flags: NodeFlags & ChangeFlags,
): Promise<void> => {
  const { told } = await changeBy<{ told: Told | ProblemView }>(
    connect(flags),
    {
      document: `mutation($input: EffectInput!) {
        told: ${mutation}(input: $input) { __typename ... on EffectTold { effect { ${FIELDS} } } ${PROBLEM_FIELDS} }
      }`,
      variables: { input: { effectId, idempotencyKey: randomUUID() } },
      does: `${mutation === 'replayEffect' ? 'try again' : 'give up for good'} the effect ${plainText(effectId)}`,
      asks: mutation === 'dropEffect',
    },
    flags,
  )
  const { effect } = doneOrFault(told)
  say(plainText(`${effectId}: ${effect?.state.toLowerCase() ?? 'told'}`))
}

/** `zennet effects …` */
export const effectsCommand = (): CommandUnknownOpts => {
  const effects = new Command('effects').description('what is to be done because of the event log, and what is stuck')
  const ls = effects
    .command('ls')
    .description('those that are open, or parked because they failed too often')
    .option('--all', 'also those that are done or dropped; newest first')
    .addOption(outputOption())
    .action(async (flags) => list(flags as NodeFlags & { output: Output; all?: true }))
  const replay = effects
    .command('replay')
    .description('let a parked one be tried again')
    .argument('<effect>', 'as in ls')
    .action(async (id, flags) => tell('replayEffect', id, flags as NodeFlags))
  const drop = effects
    .command('drop')
    .description('give one up for good: it will not be done')
    .argument('<effect>', 'as in ls')
    .action(async (id, flags) => tell('dropEffect', id, flags as NodeFlags))
  addChangeOptions(replay as unknown as CommandUnknownOpts, { asks: false })
  addChangeOptions(drop as unknown as CommandUnknownOpts, { asks: true })
  for (const command of [ls, replay, drop]) addNodeOptions(command as unknown as CommandUnknownOpts)
  return effects as unknown as CommandUnknownOpts
}
