import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { forgottenStream } from '../../domain/forgetting/facts.ts'
import { FORGOTTEN, personalFields, standIn, withPersonal } from '../../domain/forgetting/personal.ts'
import { announcements } from '../../projections/announcements.ts'
import { leases } from '../../projections/leases.ts'
import { logins } from '../../projections/logins.ts'
import type { Table } from '../../projections/table.ts'
import { goldenLines } from '../histories/golden.ts'
import { fold } from './fold.ts'

type Line = readonly [stream: string, fact: Fact]

/** The facts of one golden history, as it is told under a stream of this kind. */
const history = (file: string): Line[] =>
  goldenLines(file)
    .map((line) => decode(line) as { stream: string; fact: Fact })
    .map(({ stream, fact }) => [stream, fact])

/** How a fact of a forgotten subject reads. */
const standInFact = ([stream, fact]: Line): Line => {
  const fields = personalFields(fact.type)
  return [stream, fields ? withPersonal(fact, fields, (_, field) => standIn(field, FORGOTTEN)) : fact]
}

const CASES = [
  ['lease-publisher.v1.jsonl', leases, 'lease-'],
  ['lease-provider.v1.jsonl', leases, 'lease-'],
  ['announcement.v1.jsonl', announcements, 'announcement-'],
  ['logins.v1.jsonl', logins, 'logins-'],
] as unknown as readonly [string, Table<Record<string, unknown>>, string][]

describe.each(CASES)('rows of %s', (file, table, prefix) => {
  const lines = history(file).filter(([stream]) => stream.startsWith(prefix))
  const subjects = [...new Set(lines.map(([stream]) => stream))]
  const forget = (subject: string): Line => [
    forgottenStream(subject),
    { type: 'subject.forgotten', at: 9, subject } as Fact,
  ]

  it('are the same folded before they were forgotten, and anew after', () => {
    expect(subjects.length).toBeGreaterThan(0)
    fc.assert(
      fc.property(fc.subarray(subjects), fc.nat(), fc.boolean(), (gone, when, isSealed) => {
        // Somewhere behind its first fact; and what comes later was stood in for or not.
        const at = when % (lines.length + 1)
        const placeOf = (subject: string) => Math.max(at, 1 + lines.findIndex(([stream]) => stream === subject))
        const forgets = gone.map((subject) => ({ place: placeOf(subject), line: forget(subject) }))
        const before = [...lines, forget('lease-none')].flatMap((line, n) => [
          ...forgets.filter(({ place }) => place === n).map((one) => one.line),
          line,
        ])
        const anew = before.map((line) => (isSealed && gone.includes(line[0]) ? standInFact(line) : line))
        const isLate = ([stream]: Line, n: number) =>
          before.slice(0, n).some(([other]) => other === forgottenStream(stream))
        const late = before.map((line, n) => (isLate(line, n) ? standInFact(line) : line))
        const rows = fold(table, before)
        expect(fold(table, anew)).toEqual(rows)
        expect(fold(table, late)).toEqual(rows)
      }),
    )
  })

  it('say so, and nothing personal any more', () => {
    const rows = fold(table, [...lines, ...subjects.map(forget)])
    const secrets = lines.flatMap(([, fact]) => {
      const found: string[] = []
      withPersonal(fact, personalFields(fact.type) ?? [], (value) => {
        found.push(...[value].flat().map(String))
        return value
      })
      return found
    })
    expect(secrets.length).toBeGreaterThan(0)
    for (const row of rows.values()) {
      expect(row['forgotten']).toBe(true)
      const text = JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
      for (const secret of secrets.filter((one) => /[ .:]/.test(one))) expect(text).not.toContain(secret)
    }
    expect([...fold(table, lines).values()].every((row) => row['forgotten'] === false)).toBe(true)
    // One that this table has no row of.
    expect(fold(table, [...lines, forget('lease-unknown'), forget('announcement-unknown')])).toEqual(fold(table, lines))
  })
})
