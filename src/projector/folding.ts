import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { decode } from '../../domain/codec.ts'
import { Fault } from '../../domain/fault.ts'
import type { ColumnValue, RowsOf } from '../../projections/table.ts'
import type { Position, Recorded } from '../journal/port.ts'
import { rowsName } from './build.ts'
import type { AnyTable } from './port.ts'
import { rowText } from './row-text.ts'
import { quoted, stored } from './select.ts'

/** Rows of one build that stay decoded in memory: at least so many, at most twice as many. */
const KEPT_ROWS = 2_000
/** Larger rows, in characters, are not kept. */
const KEPT_CHARS = 16_384

type Changed = { readonly position: Position; readonly row: unknown }

/** Folds facts into one build's rows. Changed rows wait in memory until they are written. */
export class Folding {
  readonly #table: AnyTable
  readonly #columns: readonly ((row: never) => ColumnValue)[]
  readonly #get: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  /** Not in the file yet; without a row: to be deleted. */
  readonly #changed = new Map<string, Changed>()
  /** By the fact that is being folded: dropped when the fold throws. */
  readonly #byFact = new Map<string, Changed>()
  /** As they are in the file. Two generations: what was not used for a while goes with the older one. */
  #young = new Map<string, unknown>()
  #old = new Map<string, unknown>()
  #writes: { readonly id: string; readonly values: readonly SQLInputValue[] | undefined }[] = []
  #at: Position = 0
  readonly #rows: RowsOf<unknown> = {
    get: (id) => this.#row(id),
    put: (id, row) => void this.#byFact.set(id, { position: this.#at, row }),
    delete: (id) => void this.#byFact.set(id, { position: this.#at, row: undefined }),
  }

  constructor(db: DatabaseSync, table: AnyTable, number: number) {
    const rows = rowsName(table, number)
    const columns = Object.keys(table.columns)
    this.#table = table
    this.#columns = Object.values(table.columns)
    this.#get = db.prepare(`SELECT row FROM ${rows} WHERE id = ?`)
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO ${rows} (id, position, row${columns.map((c) => `, ${quoted(c)}`).join('')})
       VALUES (?, ?, ?${', ?'.repeat(columns.length)})`,
    )
    this.#delete = db.prepare(`DELETE FROM ${rows} WHERE id = ?`)
  }

  /** Rows that wait to be written. */
  get changed(): number {
    return this.#changed.size
  }

  /** @throws whatever the table's fold throws; then this fact changed nothing */
  fold(recorded: Recorded): void {
    this.#at = recorded.position
    try {
      this.#table.fold(recorded as never, this.#rows as never)
      for (const [id, change] of this.#byFact) this.#changed.set(id, change)
    } finally {
      this.#byFact.clear()
    }
  }

  #row(id: string): unknown {
    const waiting = this.#byFact.get(id) ?? this.#changed.get(id)
    if (waiting) return waiting.row
    if (this.#young.has(id)) return this.#young.get(id)
    if (this.#old.has(id)) {
      const row = this.#old.get(id)
      this.#keep(id, row)
      return row
    }
    const text = this.#get.get(id)?.['row']
    if (typeof text !== 'string') return undefined
    const row = decode(text)
    if (text.length <= KEPT_CHARS) this.#keep(id, row)
    return row
  }

  #keep(id: string, row: unknown): void {
    if (this.#young.size >= KEPT_ROWS) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(id, row)
  }

  #forget(id: string): void {
    this.#young.delete(id)
    this.#old.delete(id)
  }

  /** Encodes what waits. @throws Fault `projector.bad-column`, and what a column or the codec throws */
  prepare(): void {
    this.#writes = []
    for (const [id, { position, row }] of this.#changed) {
      const values = row === undefined ? undefined : [id, position, rowText(row), ...this.#columnValues(row)]
      this.#writes.push({ id, values })
    }
  }

  /** Writes what was prepared; inside a transaction. */
  write(): void {
    for (const { id, values } of this.#writes) {
      if (values === undefined) this.#delete.run(id)
      else this.#put.run(...values)
    }
  }

  /** The transaction is committed: what was written is as in the file. */
  written(): void {
    for (const { id, values } of this.#writes) {
      this.#forget(id)
      const row = this.#changed.get(id)?.row
      if (values !== undefined && String(values[2]).length <= KEPT_CHARS) this.#keep(id, row)
    }
    this.#writes = []
    this.#changed.clear()
  }

  /** Forgets what was not written. */
  discard(): void {
    this.#writes = []
    this.#changed.clear()
  }

  #columnValues(row: unknown): SQLInputValue[] {
    return this.#columns.map((keyOf, i) => {
      const value: ColumnValue | undefined = keyOf(row as never)
      if (value === undefined || typeof value === 'bigint') {
        const column = Object.keys(this.#table.columns)[i]
        throw new Fault(
          'projector.bad-column',
          `${this.#table.name}.${column} must be a string, number, boolean or null`,
        )
      }
      return stored(value)
    })
  }
}
