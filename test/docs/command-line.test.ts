import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { COMMAND_LINE_FILE, withTables } from '../../ops/docs/command-line.ts'
import { BY_CODE, EXIT } from '../../src/cli/exit-code.ts'
import { isCode, readSources } from '../tidy/source.ts'

const text = readFileSync(COMMAND_LINE_FILE, 'utf8')

it('docs/command-line.md has the commands and exit codes of the code; if not, run `node ops/docs/command-line.ts`', async () => {
  expect(await withTables(text)).toBe(text)
})

it('notices a row that was changed by hand', async () => {
  const changed = text.replace(/^\| 7 +\|/m, (cell) => cell.replace('7', '9'))
  expect(changed).not.toBe(text)
  expect(await withTables(changed)).not.toBe(changed)
})

it('gives every code its own meaning, and names codes that are still in the code', () => {
  expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length)
  const code = readSources()
    .filter(
      (source) =>
        isCode(source) && /^(domain|projections|src)\//.test(source.path) && !source.path.endsWith('/exit-code.ts'),
    )
    .map((source) => source.text)
    .join('\n')
  // Some are made of a name and a code that stand apart in the source.
  const isThere = (name: string) => code.includes(`'${name}'`) || code.includes(`'${name.split('.').at(-1)}'`)
  expect(Object.keys(BY_CODE).filter((name) => !isThere(name))).toEqual([])
  expect(isThere('no.such-code')).toBe(false)
})
