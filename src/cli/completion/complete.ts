import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { plainText } from '../../../domain/plain-text.ts'
import { COMMANDS } from '../commands.ts'
import { EXIT } from '../exit-code.ts'
import type { NodeFlags } from '../node-options.ts'
import { print } from '../output.ts'
import { idsOf, isKindOfId } from './ids.ts'

/** A word that may stand there, and what it is. `FILES`: the shell's own completion of files. */
export type Candidate = readonly [word: string, about: string]
const FILES = ':files'
const PATHS = /^<?(?:file|dir|path|to|from)>?$/

/** Where in a command line the word is that is to be completed. */
type Place = {
  readonly command: CommandUnknownOpts
  /** The option whose value it is. */
  readonly option: CommandUnknownOpts['options'][number] | undefined
  /** Positional words before it. */
  readonly count: number
  readonly isBehindDashes: boolean
  readonly flags: Readonly<Record<string, string>>
}

/** Prints what may stand in the place of the last word: the word, a tab, and what it is; one a line. `zennet` itself is not in `words`. */
export const complete = async (words: readonly string[]): Promise<number> => {
  const current = words.at(-1) ?? ''
  for (const [word, about] of await candidatesFor(words.slice(0, -1), current))
    if (word === FILES || word.startsWith(current)) print(`${word}\t${plainText(about)}`.trimEnd())
  return EXIT.done
}

const candidatesFor = async (before: readonly string[], current: string): Promise<readonly Candidate[]> => {
  const [noun, ...rest] = before
  if (noun === undefined)
    return current.startsWith('-')
      ? [
          ['--help', 'what there is'],
          ['--version', 'of this program'],
        ]
      : Object.entries(COMMANDS).map(([name, { about }]) => [name, about])
  if (noun === 'help') return rest.length > 0 ? [] : candidatesFor([], '')
  if (!Object.hasOwn(COMMANDS, noun)) return []
  const place = placeIn(await COMMANDS[noun]!.load(), rest)
  if (place.isBehindDashes) return [[FILES, '']]
  if (place.option !== undefined) return valuesOf(place.option, place.flags)
  if (current.startsWith('-')) return optionsOf(place.command)
  const children = place.command.commands
  if (children.length > 0 && place.count === 0) return children.map((child) => [child.name(), child.description()])
  return argumentsOf(place)
}

const placeIn = (root: CommandUnknownOpts, words: readonly string[]): Place => {
  let command = root
  let count = 0
  const flags: Record<string, string> = {}
  let option: Place['option']
  for (const word of words) {
    if (option !== undefined) {
      flags[option.attributeName()] = word
      option = undefined
    } else if (word === '--') {
      return { command, option, count, isBehindDashes: true, flags }
    } else if (word.startsWith('-')) {
      const [name] = word.split('=')
      const found = command.options.find(({ long, short }) => long === name || short === name)
      if (found?.required && !word.includes('=')) option = found
    } else {
      const child = count === 0 ? command.commands.find((one) => one.name() === word) : undefined
      if (child === undefined) count += 1
      else command = child
    }
  }
  return { command, option, count, isBehindDashes: false, flags }
}

const optionsOf = (command: CommandUnknownOpts): Candidate[] => [
  ...command.options.flatMap(({ long, hidden, description }): Candidate[] =>
    long == null || hidden ? [] : [[long, description]],
  ),
  ['--help', 'what there is'],
]

const valuesOf = async (
  option: CommandUnknownOpts['options'][number],
  flags: NodeFlags,
): Promise<readonly Candidate[]> => {
  if (option.argChoices !== undefined) return option.argChoices.map((choice) => [choice, ''])
  const what = /<([\w-]+)>/.exec(option.flags)?.[1] ?? ''
  if (option.long === '--context') return idsOf('context', flags)
  return PATHS.test(what) ? [[FILES, '']] : []
}

const argumentsOf = async ({ command, count, flags }: Place): Promise<readonly Candidate[]> => {
  const declared = command.registeredArguments
  const argument = declared[count] ?? (declared.at(-1)?.variadic ? declared.at(-1) : undefined)
  if (argument === undefined) return []
  if (argument.argChoices !== undefined) return argument.argChoices.map((choice) => [choice, ''])
  const name = argument.name()
  if (isKindOfId(name)) return idsOf(name, flags)
  return PATHS.test(name) ? [[FILES, '']] : []
}
