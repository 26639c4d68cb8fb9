import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { COMMANDS } from '../../src/cli/commands.ts'

/** `zennet` with every command, each loaded as the program loads it. */
export const commandTree = async (): Promise<CommandUnknownOpts> => {
  const root = new Command('zennet').option('--version')
  // What shells ask at Tab; main answers it before it reads anything.
  root.command('__complete', { hidden: true }).argument('[words...]')
  for (const { load } of Object.values(COMMANDS)) root.addCommand(await load())
  return root
}

/** How pages call a program; what is behind, up to the end of the line, belongs to it. */
const CALLS =
  /(?:npm run (?:--silent )?zennet -- |(?:\/|\s|^|\()ops\/bin\/(zennetd?|xencoind)(?:\.mjs)? |(?<![\w/@.:-])(?:(zennet) |(zennetd|xencoind) (?=--)))(.*)/

export type Call = { readonly program: 'zennet' | 'zennetd' | 'xencoind'; readonly words: readonly string[] }

const ENDS = /^(?:[|<>;&#]|…|&&|\|\||2>)/

const wordsOf = (line: string): readonly string[] => {
  const plain = line.replace(/"\$\([^)]*\)"/g, 'VALUE')
  const words: string[] = []
  for (const [found] of plain.matchAll(/"[^"]*"|'[^']*'|\S+/g)) {
    if (ENDS.test(found)) break
    const isQuoted = /^["']/.test(found)
    const word = isQuoted ? found : found.replace(/[);]+$/, '')
    if (word !== '') words.push(word)
    if (word !== found && !isQuoted) break
  }
  return words
}

/** Each line of a page's code blocks, and each of its words in backticks. */
const codeOf = (page: string): readonly string[] => {
  const lines: string[] = []
  const prose = page.replace(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm, (_, language: string, body: string) => {
    if (language !== '') lines.push(...body.replace(/\\\n\s*/g, ' ').split('\n'))
    return ''
  })
  return [...lines, ...[...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)]
}

/** What a page calls of our programs. In a container a service's name stands between the program and its words. */
export const callsIn = (page: string): readonly Call[] =>
  codeOf(page).flatMap((line) => {
    const plain = line.replace(/--entrypoint zennet \w+/, 'zennet').replace('sudo -u zennet ', '')
    const [, launched, client, daemon, rest] = CALLS.exec(plain) ?? []
    if (rest === undefined) return []
    const program = (launched ?? client ?? daemon ?? 'zennet') as Call['program']
    return [{ program, words: wordsOf(rest) }]
  })

/** Flags that a page names alone in backticks: `--when idle`. */
export const flagsIn = (page: string): readonly string[] =>
  codeOf(page).flatMap((line) => (/^--[a-z]/.test(line) ? [...line.matchAll(/(?<!\S)--[a-z][\w-]*/g)].map(String) : []))

/** Every flag that a command or one below it has. */
export const allFlags = (command: CommandUnknownOpts): readonly string[] => [
  ...command.options.flatMap(({ long }) => (long ? [long] : [])),
  ...command.commands.flatMap(allFlags),
]

/** What of a call of `zennet` there is not: a command, a flag, or a place for a word. */
export const unknownOf = (root: CommandUnknownOpts, words: readonly string[]): readonly string[] => {
  let command = root
  let at = 0
  for (; at < words.length; at += 1) {
    const below = command.commands.find((one) => one.name() === words[at])
    if (below === undefined) break
    command = below
  }
  const unknown: string[] = []
  let places = 0
  for (; at < words.length && words[at] !== '--'; at += 1) {
    const word = words[at]!
    if (word === '--help') continue
    if (!word.startsWith('-')) {
      places += 1
      const isTaken = places <= command.registeredArguments.length || command.registeredArguments.at(-1)?.variadic
      if (!isTaken) unknown.push(word)
      continue
    }
    const [name] = word.split('=')
    const option = command.options.find(({ long, short }) => name === long || name === short)
    if (option === undefined) unknown.push(word)
    else if ((option.required || option.optional) && !word.includes('=')) at += 1
  }
  return unknown
}
