import type { GraphQLSchema } from 'graphql'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { builder } from './builder.ts'
import './query.ts'
import './announcement-query.ts'
import './lease-query.ts'
import './chain-query.ts'
import './wallet-query.ts'
import './mutation.ts'
import './forget.ts'
import './subscription.ts'

/** The whole schema. */
export const schema: GraphQLSchema = builder.toSchema()

/** As it stands in `schema.graphql`: sorted, so that a change of order in the code changes nothing there. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`
