import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Folds = Readonly<Record<string, { readonly fingerprint: string; readonly states: number; readonly folds: string }>>

const FIXTURE = `${import.meta.dirname}/folds.json`
const PRINT = `${import.meta.dirname}/print-folds.ts`
const RECORD = 'write it down: node test/histories/print-folds.ts > test/histories/folds.json'

/** What is wrong with what golden histories fold to now, beside what was written down. */
const wrongWith = (was: Folds, is: Folds): string[] =>
  Object.entries(is).flatMap(([kind, { fingerprint, states, folds }]) => {
    const before = was[kind]
    if (!before || before.fingerprint !== fingerprint || before.states !== states) {
      return [`${kind} has other rules, or other histories, than the fixture: ${RECORD}`]
    }
    return before.folds === folds
      ? []
      : [
          `${kind} folds otherwise, and its fingerprint does not show it: snapshots of the old states would be believed. ` +
            `Raise the chart's foldVersion (domain/decider.ts), then ${RECORD}`,
        ]
  })

describe('the fingerprint of a chart', () => {
  const is = JSON.parse(execFileSync(process.execPath, [PRINT], { encoding: 'utf8' })) as Folds

  it('changes when golden histories fold to something else', () => {
    expect(wrongWith(JSON.parse(readFileSync(FIXTURE, 'utf8')) as Folds, is)).toEqual([])
    expect(Object.values(is).every(({ states }) => states > 0)).toBe(true)
  })

  it('a fold that changed behind it is found', () => {
    const lease = { ...is['lease']!, folds: 'other' }
    expect(wrongWith({ ...is, lease }, is)).toEqual([expect.stringContaining('foldVersion')])
    expect(wrongWith({ ...is, lease: { ...lease, fingerprint: 'older' } }, is)).toEqual([
      expect.stringContaining(RECORD),
    ])
  })
})
