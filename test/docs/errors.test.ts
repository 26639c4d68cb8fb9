import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENDS, FAILURES } from '../../domain/lease/ends.ts'
import { ERRORS_FILE, withLeaseCodes } from '../../ops/docs/errors.ts'
import { isCode, readSources } from '../tidy/source.ts'

const text = readFileSync(ERRORS_FILE, 'utf8')
const code = readSources()
  .filter((source) => isCode(source) && /^(domain|projections|src)\//.test(source.path))
  .map((source) => source.text)
  .join('\n')

const bySubsystem = text.slice(text.indexOf('## Faults by subsystem'))
/** First cells of its tables: `subsystem.code`. */
const documented = [...bySubsystem.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell]) =>
  [...cell!.matchAll(/`([a-z]+\.[a-z-]+)`/g)].map(([, name]) => name!),
)
/** These are made of a name and a code that stand apart in the source. */
const COMPOSED = /^(?:journal|keys|projector|challenge|wallet)\.([a-z-]+)$/

const isInCode = (name: string): boolean => {
  if (code.includes(`'${name}'`)) return true
  const [, last] = COMPOSED.exec(name) ?? []
  return (
    last !== undefined && (code.includes(`}.${last}\``) || code.includes(`'${last}'`) || code.includes(` ${last}:`))
  )
}

describe('docs/errors.md', () => {
  it('has the lease codes of domain/lease/ends.ts; if not, run `node ops/docs/errors.ts`', () => {
    expect(withLeaseCodes(text)).toBe(text)
  })

  it('notices a row that was changed by hand', () => {
    const changed = text.replace(/(\| `unpaid` +\| )publisher/, '$1provider ')
    expect(changed).not.toBe(text)
    expect(withLeaseCodes(changed)).not.toBe(changed)
  })

  it.each([...Object.keys(ENDS), ...Object.keys(FAILURES)])('names %s', (name) => {
    expect(text).toContain(`\n| \`${name}\` `)
  })

  it('names faults by subsystem', () => expect(documented.length).toBeGreaterThan(80))
  it.each(documented)('%s is still in the code', (name) => expect(isInCode(name)).toBe(true))
  it.each(['chain.no-such-code', 'journal.no-such-code'])('would notice %s', (name) =>
    expect(isInCode(name)).toBe(false),
  )
})
