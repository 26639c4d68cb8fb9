import { execFileSync } from 'node:child_process'
import { envName, NOT_SETTINGS, SETTINGS } from '../../src/config.ts'

/** Flags that a program says it has, with whether a value follows. */
const flagsOf = (program: string): ReadonlyMap<string, boolean> => {
  const help = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, '--help'], {
    encoding: 'utf8',
  })
  return new Map([...help.matchAll(/^ +(?:-\w, )?(--[\w-]+)( [<[])?/gm)].map(([, flag, value]) => [flag!, !!value]))
}

const FLAGS = { zennetd: flagsOf('src/main.ts'), xencoind: flagsOf('src/cli/xencoind.ts') }
const VARIABLES = new Set([...SETTINGS.map(({ name }) => envName(name)), ...NOT_SETTINGS])

/** What of a command line its program does not know: flags that are none, and words that no flag takes. */
export const unknownWords = (program: keyof typeof FLAGS, words: readonly string[]): readonly string[] => {
  const unknown: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const takesValue = FLAGS[program].get(words[at]!)
    if (takesValue === undefined) unknown.push(words[at]!)
    else if (takesValue) at += 1
  }
  return unknown
}

/** `ZENNET_…` variables that no program reads. */
export const unknownVariables = (names: readonly string[]): readonly string[] =>
  names.filter((name) => name.startsWith('ZENNET_') && !VARIABLES.has(name))
