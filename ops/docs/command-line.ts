import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { COMMANDS } from '../../src/cli/commands.ts'
import { BY_CODE, EXIT } from '../../src/cli/exit-code.ts'

/** The parts of the file between these lines follow from the code; the rest is written by hand. */
const marks = (what: string): readonly [begin: string, end: string] => [
  `<!-- ${what}: run \`node ops/docs/command-line.ts\` -->`,
  `<!-- end of ${what} -->`,
]

export const COMMAND_LINE_FILE = fileURLToPath(new URL('../../docs/command-line.md', import.meta.url))

/** What each code means; that every one has a row is checked by its type. */
const MEANS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done; also when `--dry-run`, `--explain` or `--curl` showed what it was asked for',
  fault: 'a fault that is none of those below, or a bug',
  usage: 'the command line, a setting or a file cannot be meant',
  notFound: 'there is no such thing',
  notAllowed: 'not allowed: token, password, another’s thing',
  network: 'no node, or no chain, answers',
  conflict: 'not in the state that things are in',
  funds: 'not enough coins',
  timedOut: 'waited in vain',
  interrupted: 'Ctrl-C, or a question answered with no',
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Padded as the formatter pads Markdown, so that the two never undo each other. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`
  const [head, ...body] = rows.map(line)
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n')
}

const exitTable = (): string =>
  table([
    ['exit code', 'means', 'codes of faults and problems'],
    ...Object.entries(EXIT).map(([name, code]) => [
      `${code}`,
      MEANS[name as keyof typeof EXIT],
      Object.entries(BY_CODE)
        .flatMap(([fault, exit]) => (exit === code ? [`\`${fault}\``] : []))
        .join(', '),
    ]),
  ])

/** Every command that does something, by its words. */
export const leavesOf = (command: CommandUnknownOpts, above: string): [line: string, leaf: CommandUnknownOpts][] => {
  const line = `${above} ${command.name()}`
  if (command.commands.length > 0) return command.commands.flatMap((child) => leavesOf(child, line))
  const words = command.registeredArguments.map((it) => {
    const name = `${it.name()}${it.variadic ? '…' : ''}`
    return it.required ? `<${name}>` : `[${name}]`
  })
  return [[[line, ...words].join(' '), command]]
}

export const allCommands = async (): Promise<[line: string, leaf: CommandUnknownOpts][]> => {
  const loaded = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()))
  return loaded.flatMap((command) => leavesOf(command, 'zennet'))
}

const commandTable = async (): Promise<string> =>
  table([
    ['command', 'what it does'],
    ...(await allCommands()).map(([line, leaf]) => [`\`${line}\``, cell(leaf.description())]),
  ])

const replaced = (text: string, what: string, body: string): string => {
  const [begin, end] = marks(what)
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no place for ${what}: ${begin} … ${end}`)
  return `${text.slice(0, from)}${begin}\n\n${body}\n\n${text.slice(to)}`
}

/** `text` with the tables as the code has them now. @throws Error when their places are not in it */
export const withTables = async (text: string): Promise<string> =>
  replaced(replaced(text, 'exit codes', exitTable()), 'commands', await commandTable())

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(COMMAND_LINE_FILE, await withTables(readFileSync(COMMAND_LINE_FILE, 'utf8')))
