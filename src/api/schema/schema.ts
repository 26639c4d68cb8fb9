import type { GraphQLSchema } from 'graphql'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { guarded } from '../session/guard.ts'
import { builder } from './builder.ts'
import './query.ts'
import './announcement-query.ts'
import './lease-query.ts'
import './provider-query.ts'
import './dry-run-query.ts'
import './answers-type.ts'
import './lending-query.ts'
import './chain-query.ts'
import './mempool-query.ts'
import './fee-query.ts'
import './address-query.ts'
import './wallet-query.ts'
import './watch-query.ts'
import './mutation.ts'
import './wallet-mutation.ts'
import './change-mutation.ts'
import './wallet-address.ts'
import './projection-types.ts'
import './statistics-query.ts'
import './forget.ts'
import './effect-query.ts'
import './effect-mutation.ts'
import './subscription.ts'
import './session-types.ts'

/** The whole schema; its root fields ask who asks. */
export const schema: GraphQLSchema = guarded(builder.toSchema())

/** As it stands in `schema.graphql`: sorted, so that a change of order in the code changes nothing there. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`
