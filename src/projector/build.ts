import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decode, encode } from '../../domain/codec.ts'
import { Fault } from '../../domain/fault.ts'
import type { ColumnValue, RowsOf } from '../../projections/table.ts'
import type { Position, Recorded } from '../journal/port.ts'
import type { Format } from '../sqlite/database.ts'
import type { AnyTable } from './port.ts'
import { quoted, stored } from './select.ts'

/**
 * The file of the rows, layout 1. A table's rows are in `rows_<name>_<build>`; a new build is folded beside the live one and
 * becomes live in one commit. Not synced each time: after a power cut the newest facts are folded again.
 */
export const PROJECTOR_FORMAT: Format = {
  subsystem: 'projector',
  applicationId: 0x5a4e5052, // 'ZNPR'
  version: 1,
  synchronous: 'NORMAL',
  schema: `
    CREATE TABLE builds (
      name TEXT NOT NULL,
      build INTEGER NOT NULL,
      shape TEXT NOT NULL,
      position INTEGER NOT NULL,
      live INTEGER NOT NULL,
      PRIMARY KEY (name, build)
    ) STRICT;`,
}

/** Rows of one table as one of its versions folds them, up to `position`. */
export type Build = {
  readonly number: number
  readonly shape: string
  readonly position: Position
  readonly live: boolean
}

/** What rows depend on: with another shape they must be folded anew. */
export const shapeOf = (table: AnyTable): string =>
  encode({ version: table.version, types: [...table.types].sort(), columns: Object.keys(table.columns).sort() })

export const columnsOf = (shape: string): readonly string[] => (decode(shape) as { columns: string[] }).columns

export const rowsName = (table: AnyTable, build: number): string => `rows_${table.name}_${build}`

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const COLUMN = /^[a-z][A-Za-z0-9]{0,63}$/

/** Names go into SQL as they are, so they are checked; a bad one is a bug. */
export const checkNames = (tables: readonly AnyTable[]): void => {
  if (new Set(tables.map((table) => table.name)).size < tables.length) throw new Error('two tables have one name')
  for (const table of tables) {
    if (!NAME.test(table.name)) throw new Error(`not a table name: ${table.name}`)
    for (const column of Object.keys(table.columns)) {
      if (!COLUMN.test(column) || column === 'id' || column === 'position') {
        throw new Error(`not a column name: ${table.name}.${column}`)
      }
    }
  }
}

export const buildsOf = (db: DatabaseSync, name: string): Build[] =>
  db
    .prepare('SELECT build, shape, position, live FROM builds WHERE name = ? ORDER BY build')
    .all(name)
    .map((row) => ({
      number: Number(row['build']),
      shape: String(row['shape']),
      position: Number(row['position']),
      live: row['live'] === 1,
    }))

export const createBuild = (db: DatabaseSync, table: AnyTable, number: number): void => {
  const rows = rowsName(table, number)
  const columns = Object.keys(table.columns)
  // No types: SQLite then keeps and compares each value as it is.
  const definitions = columns.map((column) => `, ${quoted(column)}`).join('')
  db.exec(`CREATE TABLE ${rows} (id TEXT PRIMARY KEY, position INTEGER NOT NULL, row TEXT NOT NULL${definitions})`)
  for (const column of ['position', ...columns]) {
    db.exec(`CREATE INDEX "${rows}_by_${column}" ON ${rows} (${quoted(column)}, id)`)
  }
  const insert = db.prepare('INSERT INTO builds (name, build, shape, position, live) VALUES (?, ?, ?, 0, 0)')
  insert.run(table.name, number, shapeOf(table))
}

export const dropBuild = (db: DatabaseSync, table: AnyTable, number: number): void => {
  db.exec(`DROP TABLE IF EXISTS ${rowsName(table, number)}`)
  db.prepare('DELETE FROM builds WHERE name = ? AND build = ?').run(table.name, number)
}

/**
 * Folds facts into one build's rows. Changed rows wait in memory for the end of the batch, encoded: what `get` gives is the
 * same copy whether it comes from the batch or the file, so the size of batches cannot change the result.
 */
export class Folding {
  readonly #table: AnyTable
  readonly #get: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync

  constructor(db: DatabaseSync, table: AnyTable, number: number) {
    const rows = rowsName(table, number)
    const columns = Object.keys(table.columns)
    this.#table = table
    this.#get = db.prepare(`SELECT row FROM ${rows} WHERE id = ?`)
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO ${rows} (id, position, row${columns.map((c) => `, ${quoted(c)}`).join('')})
       VALUES (?, ?, ?${', ?'.repeat(columns.length)})`,
    )
    this.#delete = db.prepare(`DELETE FROM ${rows} WHERE id = ?`)
  }

  /** Inside a transaction. @throws whatever the table's fold throws */
  fold(facts: readonly Recorded[]): void {
    const changed = new Map<string, { readonly position: Position; readonly text: string | undefined }>()
    let position = 0
    const rows: RowsOf<unknown> = {
      get: (id) => {
        const waiting = changed.get(id)
        const text = waiting ? waiting.text : this.#get.get(id)?.['row']
        return typeof text === 'string' ? decode(text) : undefined
      },
      put: (id, row) => void changed.set(id, { position, text: encode(row) }),
      delete: (id) => void changed.set(id, { position, text: undefined }),
    }
    for (const recorded of facts) {
      position = recorded.position
      this.#table.fold(recorded as never, rows as never)
    }
    for (const [id, { position: at, text }] of changed) {
      if (text === undefined) this.#delete.run(id)
      else this.#put.run(id, at, text, ...this.#columnValues(text))
    }
  }

  #columnValues(text: string) {
    const row = decode(text) as never
    return Object.entries(this.#table.columns).map(([column, keyOf]) => {
      const value: ColumnValue | undefined = keyOf(row)
      if (value === undefined || typeof value === 'bigint') {
        throw new Fault(
          'projector.bad-column',
          `${this.#table.name}.${column} must be a string, number, boolean or null`,
        )
      }
      return stored(value)
    })
  }
}
