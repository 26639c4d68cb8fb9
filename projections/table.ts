import type { Fact } from '../domain/fact.ts'

/** A fact with its place in the log, as a fold sees it. */
export type Folded<F extends Fact = Fact> = {
  /** Place in the whole log. */
  readonly position: number
  readonly stream: string
  /** Place in its stream, from 1. */
  readonly version: number
  readonly fact: F
  readonly commandId: string
  readonly correlationId: string
}

/** The rows of a table while it folds. What `get` gave and what was `put` is never changed after that: a changed row is a new one. */
export interface RowsOf<Row> {
  get(id: string): Row | undefined
  put(id: string, row: Row): void
  delete(id: string): void
}

/** What a column can be sorted and filtered by: numbers are at most 2^53; true and false are 1 and 0. */
export type ColumnValue = string | number | boolean | null

/**
 * A table of the read model: facts folded into rows. Rows are plain data that `domain/codec.ts` can store, and are disposable:
 * whoever changes `fold`, the row or a column raises `version`, and the rows are built anew from the log.
 */
export type Table<
  Row,
  F extends Fact = Fact,
  Columns extends Record<string, (row: Row) => ColumnValue> = Record<string, (row: Row) => ColumnValue>,
> = {
  /** `[a-z][a-z0-9_]*`, never reused for something else. */
  readonly name: string
  readonly version: number
  /** Types of the facts it folds; no other reaches `fold`. */
  readonly types: readonly F['type'][]
  /** Sort and filter keys, indexed. `id` and `position` (of a row's last change) are always there. */
  readonly columns: Columns
  /** Pure: the same facts in the same order give the same rows. It sees every fact once. Throwing stops the table: a bug. */
  fold(recorded: Folded<F>, rows: RowsOf<Row>): void
}
