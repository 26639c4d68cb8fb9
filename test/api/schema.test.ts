import { readFile } from 'node:fs/promises'
import { CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { printedSchema, schema } from '../../src/api/schema/schema.ts'

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

/** What a program written for `before` would trip over. */
const breaking = async (before: GraphQLSchema, after: GraphQLSchema): Promise<string[]> =>
  (await diff(before, after))
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message }) => message)

it('schema.graphql is the schema; after a change: npm run schema', async () => {
  const committed = await read('../../schema.graphql')
  expect((await diff(buildSchema(committed), schema)).map(({ message }) => message)).toEqual([])
  expect(committed).toBe(printedSchema())
})

// The file is what programs were last told to count on. To break with it on purpose: copy schema.graphql over it, and say so in
// the commit.
it('nothing that programs count on is gone or stricter than in schema.released.graphql', async () => {
  expect(await breaking(buildSchema(await read('schema.released.graphql')), schema)).toEqual([])
})

describe('the comparison bites', () => {
  const changed = (from: RegExp, to: string): Promise<string[]> => {
    const printed = printedSchema()
    expect(printed).toMatch(from)
    return breaking(schema, buildSchema(printed.replace(from, to)))
  }

  it.each([
    ['a field that is gone', /^ {2}owedMsat: Amount!\n/m, ''],
    ['a field that may be null now', /^ {2}hourlyMsat: Amount!$/m, '  hourlyMsat: Amount'],
    ['an argument that must be given now', /\bafter: Position\b/, 'after: Position!'],
    ['a value of an enum that is gone', /^ {2}PUBLISHER\n/m, ''],
    ['a member of a union that is gone', / \| Lagged\b|\bLagged \| /, ' '],
  ])('%s', async (_, from, to) => {
    expect(await changed(from, to)).not.toEqual([])
  })

  it('and lets a description be mended', async () => {
    expect(await changed(/"""Not over yet."""/, '"""Lives."""')).toEqual([])
  })
})
