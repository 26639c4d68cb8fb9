import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal'
import { buildSchema, introspectionFromSchema } from 'graphql'

// Writes schema.graphql as types, by which the dashboard's documents are checked: .cache/dashboard/introspection.d.ts.

const root = new URL('../../', import.meta.url)
const folder = new URL('.cache/dashboard/', root)

const schema = buildSchema(readFileSync(new URL('schema.graphql', root), 'utf8'))
const found = minifyIntrospection(introspectionFromSchema(schema, { descriptions: false }) as never)
mkdirSync(folder, { recursive: true })
writeFileSync(
  new URL('introspection.d.ts', folder),
  outputIntrospectionFile(found, { fileType: '.d.ts', shouldPreprocess: true }),
)
