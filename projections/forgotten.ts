import type { ForgettingFact } from '../domain/forgetting/facts.ts'
import { FORGOTTEN, type PersonalField, standIn, withPersonal } from '../domain/forgetting/personal.ts'
import type { RowsOf } from './table.ts'

/** A row whose subject can be forgotten. */
type Forgettable = { readonly forgotten: boolean; readonly position: number }

/**
 * The row as it is once its subject is forgotten: the same whether it was folded before, or anew from facts that have stand-ins
 * already, or from old ones that were never sealed.
 */
export const whenForgotten = <Row extends Forgettable>(row: Row, fields: readonly PersonalField[]): Row =>
  row.forgotten ? withPersonal(row, fields, (_, field) => standIn(field, FORGOTTEN)) : row

/** Forgets the row of the subject, when there is one in a table whose streams begin with `prefix`. */
export const forgetRow = <Row extends Forgettable>(
  rows: RowsOf<Row>,
  prefix: string,
  { subject }: ForgettingFact,
  position: number,
  fields: readonly PersonalField[],
): void => {
  const id = subject.slice(prefix.length)
  const row = subject.startsWith(prefix) ? rows.get(id) : undefined
  if (row !== undefined) rows.put(id, whenForgotten({ ...row, forgotten: true, position }, fields))
}
