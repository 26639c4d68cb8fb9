import { writeFileSync } from 'node:fs'
import { printedSchema } from './schema/schema.ts'

// Run by hand after a change of the schema: node src/api/print-schema.ts
writeFileSync(new URL('../../schema.graphql', import.meta.url), printedSchema())
