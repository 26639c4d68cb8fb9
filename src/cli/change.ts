import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { Fault } from '../../domain/fault.ts'
import { plainText } from '../../domain/plain-text.ts'
import type { Variables } from '../api/client.ts'
import { type AskFlags, isSure, isTerminal } from './ask.ts'
import { type NodeClient, Shown } from './node-client.ts'
import { type Column, type Output, printOne, say } from './output.ts'

const GROUP = 'Before it happens:'

export type ChangeFlags = AskFlags & { readonly dryRun?: true | undefined; readonly output?: Output | undefined }

/** Adds `--dry-run`; of a command that asks also `--yes` and `--no-input`. */
export const addChangeOptions = (command: CommandUnknownOpts, { asks }: { readonly asks: boolean }): void => {
  const own = [new Option('--dry-run', 'say what would happen, and change nothing')]
  if (asks) own.push(new Option('-y, --yes', 'do not ask'), new Option('--no-input', 'never ask: fail instead'))
  for (const option of own) command.addOption(option.helpGroup(GROUP))
}

/** Name and what it comes to: `fee`, `about 141 sats`. */
export type Cost = readonly [name: string, amount: string]

export type Change = {
  /** One mutation. */
  readonly document: string
  readonly variables: Variables
  /** What it does, as it would be ordered: `send 5,000 sats to ADDRESS`. Text of strangers in it is escaped here. */
  readonly does: string
  /** What it costs, as far as that is known before. Asked for a dry run, and before a question. */
  readonly costs?: () => Promise<readonly Cost[]>
  /** Spends coins, or cannot be taken back: asked on a terminal. */
  readonly asks?: boolean
}

/**
 * Has a node change something, unless that is only to be told (`--dry-run`), shown (`--explain`, `--curl`) or not wanted when asked.
 * @throws Shown, Fault `cli.declined`, `cli.interrupted`, and as `request`
 */
export const changeBy = async <T>(client: NodeClient, change: Change, flags: ChangeFlags): Promise<T> => {
  const { document, variables, does, costs, asks } = change
  if (flags.dryRun) await tellOnly(change, flags.output ?? 'table')
  else if (asks && !client.isShowing) await agreed(does, costs, flags)
  return client.request<T>(document, variables)
}

/** The same for what is changed here, without a node. @throws Shown */
export const tellLocal = (does: string, flags: ChangeFlags, files: readonly Cost[] = []): void => {
  if (!flags.dryRun) return
  printOne({ would: does, ...Object.fromEntries(files) }, told(files), flags.output ?? 'table')
  throw new Shown()
}

const told = (costs: readonly Cost[]): readonly Column<{ would: string }>[] => [
  ['would', ({ would }) => would],
  ...costs.map(([name, amount]): Column<unknown> => [name, () => amount]),
]

const tellOnly = async ({ document, variables, does, costs }: Change, output: Output): Promise<never> => {
  const known = (await costs?.()) ?? []
  const mutation = /\{\s*(?:\w+:\s*)?(\w+)/.exec(document.replace(/\([^)]*\)/, ''))?.[1] ?? ''
  printOne(
    { would: does, mutation, variables, costs: Object.fromEntries(known) },
    [...told(known), ['mutation', () => `${mutation}, as --explain shows it`]],
    output,
  )
  throw new Shown()
}

const agreed = async (does: string, costs: Change['costs'], flags: ChangeFlags): Promise<void> => {
  if (!flags.yes && flags.input !== false && isTerminal())
    for (const [name, amount] of (await costs?.()) ?? []) say(plainText(`  ${name}: ${amount}`))
  if (await isSure(`${does[0]?.toUpperCase()}${does.slice(1)}?`, flags, 'go on')) return
  throw new Fault('cli.declined', 'nothing was done', { culprit: 'you', next: 'Say y, or --yes.' })
}
