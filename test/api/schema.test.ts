import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { printedSchema } from '../../src/api/schema/schema.ts'

it('schema.graphql is the schema; after a change: node src/api/print-schema.ts', async () => {
  expect(await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema())
})
