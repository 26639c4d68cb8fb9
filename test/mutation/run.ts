import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { PLANTS, type Plant } from './plants.ts'

// Plants each bug of `plants.ts` in a copy of the law and sees whether the tests of the chain fail, as they must:
//   node test/mutation/run.ts [first] [last]
// Prints a row for each, and ends with 1 when one of them lived.

/** A planted bug may make a script run for ever. */
const TESTS_MS = 300_000
const COPIED = ['domain', 'src/curve', 'test/domain/chain', 'test/vectors', 'package.json', 'tsconfig.json']
/** Without the damaged bytes: they are chosen anew each time, and a bug shall be found each time. */
const VITEST = {
  include: ['test/**/*.test.ts'],
  exclude: ['**/damaged-bytes.test.ts'],
  testTimeout: 120_000,
  maxWorkers: 1,
}
const run = promisify(execFile)

const copy = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'zennet-mutation-'))
  for (const path of COPIED) cpSync(path, join(dir, path), { recursive: true })
  symlinkSync(resolve('node_modules'), join(dir, 'node_modules'))
  writeFileSync(join(dir, 'vitest.config.mjs'), `export default { test: ${JSON.stringify(VITEST)} }\n`)
  return dir
}

type Report = { testResults: { message: string; assertionResults: { status: string; fullName: string }[] }[] }

/** The corpus of ten megabytes last: most bugs are found before it is read. */
const SLOW = 'taproot-vectors'
const GROUPS = [['--exclude', `**/${SLOW}.test.ts`], [SLOW]]

/** @returns the first test that failed; undefined when all passed. @throws when a file could not be run at all */
const firstFailure = async (dir: string): Promise<string | undefined> => {
  for (const group of GROUPS) {
    const failure = await firstFailureOf(dir, group)
    if (failure !== undefined) return failure
  }
  return undefined
}

const firstFailureOf = async (dir: string, group: readonly string[]): Promise<string | undefined> => {
  const report = join(dir, 'report.json')
  rmSync(report, { force: true })
  const vitest = join(dir, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--bail', '1', '--reporter', 'json', '--outputFile', report, ...group]
  try {
    await run(process.execPath, args, { cwd: dir, timeout: TESTS_MS })
    return undefined
  } catch (error) {
    if ((error as { killed?: boolean }).killed === true) return 'it did not end'
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
    const failed = testResults.flatMap((file) => file.assertionResults).find(({ status }) => status === 'failed')
    if (failed !== undefined) return failed.fullName
    throw new Error(`the tests do not run: ${testResults.map(({ message }) => message).join('\n')}`)
  }
}

const plantIn = async (dir: string, { file, find, replace }: Plant): Promise<string | undefined> => {
  const path = join(dir, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  const failure = await firstFailure(dir)
  writeFileSync(path, text)
  return failure
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const [first = 1, last = PLANTS.length] = process.argv.slice(2).map(Number)
const dir = copy()
try {
  const sound = await firstFailure(dir)
  if (sound !== undefined) throw new Error(`the tests fail with no bug planted: ${sound}`)
  console.log('| | planted in | instead of | stands | found by |\n|---|---|---|---|---|')
  for (const [i, one] of PLANTS.entries()) {
    if (i + 1 < first || i + 1 > last) continue
    const failure = await plantIn(dir, one)
    if (failure === undefined) process.exitCode = 1
    const found = failure === undefined ? '**nothing**' : cell(failure)
    console.log(`| ${i + 1} | ${one.file} | \`${cell(one.find)}\` | \`${cell(one.replace)}\` | ${found} |`)
  }
} finally {
  rmSync(dir, { recursive: true })
}
