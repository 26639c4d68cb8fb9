import { GraphQLError } from 'graphql'
import { sortKey } from '../../../projections/sort-key.ts'
import type { Condition } from '../../projector/port.ts'
import { builder } from './builder.ts'

/** Both ends of a range may be absent. */
export const AmountRange = builder.inputType('AmountRange', {
  fields: (t) => ({
    min: t.field({ type: 'Amount', description: 'Inclusive.' }),
    max: t.field({ type: 'Amount', description: 'Inclusive.' }),
  }),
})
export const IntRange = builder.inputType('IntRange', {
  fields: (t) => ({ min: t.int({ description: 'Inclusive.' }), max: t.int({ description: 'Inclusive.' }) }),
})
export const RateRange = builder.inputType('RateRange', {
  description: 'Sats per virtual byte.',
  fields: (t) => ({ min: t.float({ description: 'Inclusive.' }), max: t.float({ description: 'Inclusive.' }) }),
})
export const TimeRange = builder.inputType('TimeRange', {
  fields: (t) => ({
    from: t.field({ type: 'DateTime', description: 'Inclusive.' }),
    before: t.field({ type: 'DateTime', description: 'Exclusive.' }),
  }),
})

type Absent = null | undefined
type Given<T> = T | Absent

/** Values in one list of a filter. */
export const MAX_ANY = 100

/** Any of these values; an empty list lets nothing through. @throws GraphQLError `api.bad-input` */
export const anyOf = (values: Given<readonly string[]>): Condition | undefined => {
  if (values == null) return undefined
  if (values.length <= MAX_ANY) return { in: values }
  throw new GraphQLError(`a filter names ${values.length} values: expected at most ${MAX_ANY}`, {
    extensions: { code: 'api.bad-input' },
  })
}

export const equal = (value: Given<string | number | boolean>): Condition | undefined =>
  value == null ? undefined : typeof value === 'boolean' ? Number(value) : value

export const amounts = (range: Given<{ min?: Given<bigint>; max?: Given<bigint> }>): Condition | undefined =>
  range == null
    ? undefined
    : {
        ...(range.min == null ? {} : { gte: sortKey(range.min) }),
        ...(range.max == null ? {} : { lte: sortKey(range.max) }),
      }

export const numbers = (range: Given<{ min?: Given<number>; max?: Given<number> }>): Condition | undefined =>
  range == null
    ? undefined
    : { ...(range.min == null ? {} : { gte: range.min }), ...(range.max == null ? {} : { lte: range.max }) }

/** @param unitMs how many milliseconds the column counts by: 1, or 1,000 for a block's time */
export const times = (
  range: Given<{ from?: Given<number>; before?: Given<number> }>,
  unitMs = 1,
): Condition | undefined =>
  range == null
    ? undefined
    : {
        ...(range.from == null ? {} : { gte: range.from / unitMs }),
        ...(range.before == null ? {} : { lt: range.before / unitMs }),
      }
