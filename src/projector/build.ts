import type { DatabaseSync } from 'node:sqlite'
import { decode, encode } from '../../domain/codec.ts'
import type { Position } from '../journal/port.ts'
import type { AnyTable } from './port.ts'
import { quoted } from './select.ts'

/** Rows of one table as one of its versions folds them, up to `position`. */
export type Build = {
  readonly number: number
  readonly shape: string
  readonly position: Position
  readonly live: boolean
  /** Of the request that it was made for; absent when the node began it by itself. */
  readonly key: string | undefined
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
    .prepare('SELECT build, shape, position, live, key FROM builds WHERE name = ? ORDER BY build')
    .all(name)
    .map((row) => ({
      number: Number(row['build']),
      shape: String(row['shape']),
      position: Number(row['position']),
      live: row['live'] === 1,
      key: row['key'] === null ? undefined : String(row['key']),
    }))

/** Without the indexes of its columns: those are made when it is whole, in a fraction of the time. */
export const createBuild = (db: DatabaseSync, table: AnyTable, number: number, key?: string): void => {
  // No types: SQLite then keeps and compares each value as it is.
  const definitions = Object.keys(table.columns).map((column) => `, ${quoted(column)}`)
  db.exec(
    `CREATE TABLE ${rowsName(table, number)} (id TEXT PRIMARY KEY, position INTEGER NOT NULL, row TEXT NOT NULL${definitions.join('')})`,
  )
  const insert = db.prepare('INSERT INTO builds (name, build, shape, position, live, key) VALUES (?, ?, ?, 0, 0, ?)')
  insert.run(table.name, number, shapeOf(table), key ?? null)
}

/** One statement for each index, so that others get a turn between them. Those that are there already stay. */
export const indexStatements = (table: AnyTable, number: number): string[] => {
  const rows = rowsName(table, number)
  return ['position', ...Object.keys(table.columns)].map(
    (column) => `CREATE INDEX IF NOT EXISTS "${rows}_by_${column}" ON ${rows} (${quoted(column)}, id)`,
  )
}

export const dropBuild = (db: DatabaseSync, table: AnyTable, number: number): void => {
  db.exec(`DROP TABLE IF EXISTS ${rowsName(table, number)}`)
  db.prepare('DELETE FROM builds WHERE name = ? AND build = ?').run(table.name, number)
}
