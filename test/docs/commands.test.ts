import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../../src/config.ts'
import { zennet } from '../cli/zennet.ts'
import { unknownVariables, unknownWords } from '../ops/settings.ts'
import { readSources } from '../tidy/source.ts'
import { allFlags, type Call, callsIn, commandTree, flagsIn, unknownOf } from './commands.ts'

const pages = readSources().filter(({ path }) => /^(README|docs\/.*|ops\/.*)\.md$/.test(path))
const root = await commandTree()

const unknownIn = ({ program, words }: Call): readonly string[] =>
  program === 'zennet' ? unknownOf(root, words) : unknownWords(program, words)
const problemsOf = (text: string): readonly string[] =>
  callsIn(text).flatMap((call) => unknownIn(call).map((word) => `${call.program} ${call.words.join(' ')}: ${word}`))

const settings = SETTINGS.map(({ name }) => `--${name.replace(/([A-Z])/g, '-$1').toLowerCase()}`)
/** Of xencoind, of every program, and of others that pages speak of: rsync, the simulation, docker compose. */
const others = ['--mine-to', '--help', '--whole-file', '--seeds', '--volumes']
const flags = new Set([...allFlags(root), ...settings, ...others])

describe.each(pages)('$path', ({ text }) => {
  it('calls programs as they can be called', () => expect(problemsOf(text)).toEqual([]))
  it('names flags that there are', () => expect(flagsIn(text).filter((flag) => !flags.has(flag))).toEqual([]))
  it('names variables that are read', () => {
    expect(unknownVariables([...text.matchAll(/\bZENNET_[A-Z_]*[A-Z]\b/g)].map(String))).toEqual([])
  })
})

it('looks at every command of the program', async () => {
  const { stdout } = await zennet(['--help'], { home: tmpdir() })
  const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!)
  expect(listed.length).toBeGreaterThan(10)
  expect(root.commands.map((command) => command.name()).filter((name) => !name.startsWith('__'))).toEqual(
    listed.filter((name) => name !== 'help'),
  )
})

it('would notice a command, a flag, a word and a program’s flag that there are not', () => {
  const page = (code: string) => `\`\`\`sh\n${code}\n\`\`\`\n`
  expect(problemsOf(page('npm run zennet -- leese ls'))).toEqual(['zennet leese ls: leese', 'zennet leese ls: ls'])
  expect(problemsOf(page('LEASE=$(ops/bin/zennet lease stop LEASE \\\n  --on 10m | cat'))).toEqual([
    'zennet lease stop LEASE --on 10m: --on',
    'zennet lease stop LEASE --on 10m: 10m',
  ])
  expect(problemsOf('say `zennet lease shaw LEASE`')).toEqual([
    'zennet lease shaw LEASE: shaw',
    'zennet lease shaw LEASE: LEASE',
  ])
  expect(problemsOf(page('zennet wallet balance now'))).toEqual(['zennet wallet balance now: now'])
  expect(problemsOf(page('node ops/bin/zennetd.mjs --rolls api'))).toHaveLength(2)
  expect(problemsOf(page('zennet rent --cpu 2 -- uname --no-such'))).toEqual([])
  expect(problemsOf(page('zennet provide --challenge "$(cat "$HOME/a b")" --addnode A:1'))).toEqual([])
  expect(flagsIn('`--when idle` and `zennet --x`')).toEqual(['--when'])
  expect(unknownVariables(['ZENNET_NO_SUCH'])).toEqual(['ZENNET_NO_SUCH'])
})
