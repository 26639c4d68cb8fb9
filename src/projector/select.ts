import type { SQLInputValue } from 'node:sqlite'
import { Fault } from '../../domain/fault.ts'
import type { ColumnValue } from '../../projections/table.ts'
import { type Condition, MAX_IN_VALUES, MAX_PAGE_ROWS, type Query, type Where } from './port.ts'

/** A piece of SQL with the values for its question marks. */
export type Sql = { readonly text: string; readonly values: readonly SQLInputValue[] }

const OPERATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

export const stored = (value: ColumnValue): SQLInputValue => (typeof value === 'boolean' ? Number(value) : value)

/** A column's name in SQL. Only names that the table has come here, so a query cannot bring its own SQL. */
export const quoted = (column: string): string => (column === 'id' || column === 'position' ? column : `"c_${column}"`)

/** @throws Fault `projector.bad-query` */
export const whereSql = (where: Where, columns: ReadonlySet<string>): Sql => {
  const parts: Sql[] = []
  for (const [column, condition] of Object.entries(where)) {
    if (condition !== undefined) parts.push(...conditionSql(known(column, columns), condition))
  }
  return joined(parts)
}

const known = (column: string, columns: ReadonlySet<string>): string => {
  if (column !== 'id' && column !== 'position' && !columns.has(column)) {
    throw new Fault('projector.bad-query', `no column ${column.slice(0, 100)}`, { culprit: 'you' })
  }
  return quoted(column)
}

const conditionSql = (name: string, condition: Condition): Sql[] => {
  if (typeof condition !== 'object' || condition === null)
    return [{ text: `${name} IS ?`, values: [stored(condition)] }]
  const parts: Sql[] = []
  for (const [key, operator] of Object.entries(OPERATORS)) {
    const bound = condition[key as keyof typeof OPERATORS]
    if (bound !== undefined) parts.push({ text: `${name} ${operator} ?`, values: [bound] })
  }
  if (condition.in !== undefined) {
    if (condition.in.length > MAX_IN_VALUES) throw new Fault('projector.bad-query', `more than ${MAX_IN_VALUES} values`)
    parts.push({ text: `${name} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(condition.in)] })
  }
  return parts
}

const joined = (parts: readonly Sql[]): Sql => ({
  text: parts.length === 0 ? '1' : parts.map(({ text }) => `(${text})`).join(' AND '),
  values: parts.flatMap(({ values }) => values),
})

/**
 * A page by key: it costs the same however deep it is.
 * @param hasNull whether a column has a null now: only then is the slower, general comparison needed
 * @throws Fault `projector.bad-query`
 */
export const pageSql = (
  rows: string,
  query: Query,
  columns: ReadonlySet<string>,
  hasNull: (column: string) => boolean,
): Sql => {
  const { where = {}, orderBy, descending = false, after, limit } = query
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_ROWS) {
    throw new Fault('projector.bad-query', `a page has 1 to ${MAX_PAGE_ROWS} rows`, { culprit: 'you' })
  }
  const name = known(orderBy, columns)
  const parts = [whereSql(where, columns)]
  if (after) parts.push(orderBy === 'id' ? afterId(descending, after[1]) : afterKey(name, descending, after, hasNull))
  const { text, values } = joined(parts)
  const direction = descending ? 'DESC' : 'ASC'
  const order = orderBy === 'id' ? `id ${direction}` : `${name} ${direction}, id ${direction}`
  return {
    text: `SELECT id, position, row, ${name} AS sort FROM ${rows} WHERE ${text} ORDER BY ${order} LIMIT ?`,
    values: [...values, limit],
  }
}

const afterId = (descending: boolean, id: string): Sql => ({ text: `id ${descending ? '<' : '>'} ?`, values: [id] })

const afterKey = (
  name: string,
  descending: boolean,
  [sort, id]: readonly [ColumnValue, string],
  hasNull: (name: string) => boolean,
): Sql => {
  const operator = descending ? '<' : '>'
  if (sort === null) {
    // Nulls come first, or last when descending.
    const others = descending ? '' : ` OR ${name} IS NOT NULL`
    return { text: `(${name} IS NULL AND id ${operator} ?)${others}`, values: [id] }
  }
  const nullsFollow = descending && hasNull(name) ? ` OR ${name} IS NULL` : ''
  return { text: `(${name}, id) ${operator} (?, ?)${nullsFollow}`, values: [stored(sort), id] }
}
