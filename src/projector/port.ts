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
/** Facts folded in one transaction at the most. */
export const BATCH_FACTS = 10_000
/** Rows of one table changed in one transaction at the most: what bounds how long a commit keeps others waiting. */
export const BATCH_ROWS = 1_000
/** How long a table waits after the file or the log failed, at first and at the most, ms; then it tries again. */
export const FIRST_PAUSE_MS = 1_000
export const LONGEST_PAUSE_MS = 30_000

/** Why a table stands still. */
export type Stopped = {
  /** Of the fault; `projector.bad-fold` when the fold itself threw. */
  readonly code: string
  readonly why: string
  /** Of the fact that cannot be folded, where that is known; else up to which fact it came. */
  readonly position: Position
  /** Unix ms. */
  readonly since: number
  /** The file or the log failed: it tries again by itself. Else it waits for `retry`, `rebuild` or the next start. */
  readonly retrying: boolean
}

/** How far one table is. */
export type TableState = {
  readonly name: string
  readonly version: number
  /** Of the rows that are read; 0 while there are none. */
  readonly position: Position
  /** False until the first build is whole. */
  readonly readable: boolean
  /** The rows that are read are of an earlier version of the table, and stand still until the new build takes their place. */
  readonly outdated: boolean
  readonly stopped?: Stopped
  /** The build that is folded beside the rows that are read. `began`: where it was at `since` (Unix ms), of this run. */
  readonly building?: {
    readonly position: Position
    readonly began: Position
    readonly since: number
    readonly stopped?: Stopped
  }
}

/** The read model: rows folded from the log, a little behind it, always of a whole prefix of it. */
export interface Projector {
  /** Up to which fact the rows are; of the table that is furthest behind, or of the named one. */
  position(table?: string): Position
  /** Of every table, in the order in which they were given. */
  states(): readonly TableState[]
  /**
   * Resolves when the rows of the named tables (all, when none is named) contain the fact at `position`: to read one's own writes.
   * @throws Fault `projector.behind` after `timeoutMs`, `projector.stopped`, `projector.unknown-table`, `projector.closed`
   */
  waitFor(position: Position, timeoutMs: number, tables?: readonly string[]): Promise<void>
  /**
   * @throws Fault `projector.bad-query`, `projector.unknown-table`
   * @throws Fault `projector.rebuilding` while there are no whole rows, or none with a column that is asked for
   */
  query<Row, Column extends string>(table: Queried<Row, Column>, query: Query<NoInfer<Column>>): readonly Listed<Row>[]
  byId<Row, Column extends string>(table: Queried<Row, Column>, id: string): Row | undefined
  count<Row, Column extends string>(table: Queried<Row, Column>, where?: Where<NoInfer<Column>>): number
  /**
   * Folds a table anew from the whole log, beside its rows, which stay readable and current until the new ones take their place in
   * one commit. One that is under way goes on; a `key` (1 to 200 characters) that made the newest build again does nothing.
   * @throws Fault `projector.unknown-table`, `projector.closed`, and what the file throws
   */
  rebuild(table: string, key: string): void
  /**
   * Lets a table that stopped go on, from the fact at which it stopped. Does nothing to one that runs.
   * @throws Fault `projector.unknown-table`, `projector.closed`
   */
  retry(table: string): void
  close(): Promise<void>
}
