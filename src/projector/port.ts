import type { ColumnValue, RowsOf, Table } from '../../projections/table.ts'
import type { Position } from '../journal/port.ts'

// Methods are compared bivariantly and columns are read only, so a table of any row is one of these.
export type AnyTable = Pick<Table<unknown>, 'name' | 'version' | 'types'> & {
  readonly columns: Readonly<Record<string, (row: never) => ColumnValue>>
  fold(recorded: never, rows: never): void
}
/** A table as queries see it. */
export type Queried<Row, Column extends string = string> = {
  readonly name: string
  readonly columns: Readonly<Record<Column, (row: Row) => ColumnValue>>
  fold(recorded: never, rows: RowsOf<Row>): void
}

/** A value is equality; the bounds of a range are joined by AND, and never hold for null. */
export type Condition =
  | ColumnValue
  | {
      readonly lt?: string | number
      readonly lte?: string | number
      readonly gt?: string | number
      readonly gte?: string | number
      readonly in?: readonly (string | number)[]
    }

export type Where<Column extends string = string> = { readonly [C in Column | 'id' | 'position']?: Condition }

/** A page by key: what comes `after` the row with this sort value and id. Null sorts before everything. */
export type Query<Column extends string = string> = {
  readonly where?: Where<Column>
  readonly orderBy: Column | 'id' | 'position'
  readonly descending?: boolean
  readonly after?: readonly [sortValue: ColumnValue, id: string]
  /** 1 to `MAX_PAGE_ROWS`. */
  readonly limit: number
}

/** A row of a page. `[sort, id]` is the `after` of the next page. */
export type Listed<Row> = {
  readonly id: string
  /** Of the fact that changed it last. */
  readonly position: Position
  readonly sort: ColumnValue
  readonly row: Row
}

export const MAX_PAGE_ROWS = 1_000
/** Values in one `in`. */
export const MAX_IN_VALUES = 1_000
/** Facts folded in one transaction. */
export const BATCH_FACTS = 1_000

/** The read model: rows folded from the log, a little behind it, always of a whole prefix of it. */
export interface Projector {
  /** Up to which fact the rows are; of the table that is furthest behind, or of the named one. */
  position(table?: string): Position
  /**
   * Resolves when the rows contain the fact at `position`: to read one's own writes.
   * @throws Fault `projector.behind` after `timeoutMs`, `projector.stopped`, `projector.closed`
   */
  waitFor(position: Position, timeoutMs: number): Promise<void>
  /**
   * @throws Fault `projector.bad-query`, `projector.unknown-table`
   * @throws Fault `projector.rebuilding` while there are only half the rows, and no older ones with the same columns
   */
  query<Row, Column extends string>(table: Queried<Row, Column>, query: Query<NoInfer<Column>>): readonly Listed<Row>[]
  byId<Row, Column extends string>(table: Queried<Row, Column>, id: string): Row | undefined
  count<Row, Column extends string>(table: Queried<Row, Column>, where?: Where<NoInfer<Column>>): number
  close(): Promise<void>
}
