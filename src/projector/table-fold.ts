import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Journal, Position, Recorded } from '../journal/port.ts'
import { inTransaction } from '../sqlite/database.ts'
import { type Build, buildsOf, columnsOf, createBuild, dropBuild, Folding, rowsName, shapeOf } from './build.ts'
import type { AnyTable } from './port.ts'

/** A position that no row depends on is written down when it is this far ahead: a restart then looks at so many facts again. */
const LAZY_POSITIONS = 10_000

/** Where a table can be read: the name of its rows, and the columns that those have. */
export type Live = { readonly rows: string; readonly columns: ReadonlySet<string> }

/** Keeps one table's rows up with the log, each batch and its position in one commit. */
export class TableFold {
  readonly table: AnyTable
  readonly #db: DatabaseSync
  readonly #batchFacts: number
  readonly #folding: Folding
  readonly #setPosition: StatementSync
  readonly #number: number
  #live: Build | undefined
  #position: Position
  #written: Position

  /** Finds the build to go on with, or starts a new one when there is none of this shape, or the log is not the same. */
  constructor(db: DatabaseSync, table: AnyTable, head: Position, batchFacts: number) {
    this.table = table
    this.#db = db
    this.#batchFacts = batchFacts
    const shape = shapeOf(table)
    const builds = buildsOf(db, table.name)
    const usable = (build: Build): boolean => build.shape === shape && build.position <= head
    const build = builds.find((one) => one.live && usable(one)) ?? builds.find(usable)
    const live = builds.find((one) => one.live && one.position <= head)
    const number = build?.number ?? Math.max(0, ...builds.map((one) => one.number)) + 1
    inTransaction(db, () => {
      for (const old of builds) if (old !== build && old !== live) dropBuild(db, table, old.number)
      if (!build) createBuild(db, table, number)
    })
    this.#number = number
    this.#live = live
    this.#position = build?.position ?? 0
    this.#written = this.#position
    this.#setPosition = db.prepare('UPDATE builds SET position = ?, live = max(live, ?) WHERE name = ? AND build = ?')
    this.#folding = new Folding(db, table, number)
  }

  /** Of the rows that can be read; 0 while there are none. */
  get position(): Position {
    if (!this.#building) return this.#position
    return this.#live && this.live ? this.#live.position : 0
  }

  /** Undefined while there are only half the rows. Older rows are given when they have the same columns. */
  get live(): Live | undefined {
    if (!this.#live) return undefined
    const own = Object.keys(this.table.columns)
    const columns = new Set(columnsOf(this.#live.shape))
    if (columns.size !== own.length || own.some((column) => !columns.has(column))) return undefined
    return { rows: rowsName(this.table, this.#live.number), columns }
  }

  get #building(): boolean {
    return this.#live?.number !== this.#number
  }

  /** Folds until `signal` is aborted. `onPosition` is called after each commit. */
  async run(journal: Journal, signal: AbortSignal, onPosition: () => void): Promise<void> {
    let batch: Recorded[] = []
    for await (const followed of journal.follow(this.#position, { types: this.table.types }, signal)) {
      if (followed.kind === 'fact') {
        batch.push(followed.recorded)
        if (batch.length < this.#batchFacts) continue
      }
      this.#commit(batch, followed.kind === 'fact' ? followed.recorded.position : followed.position, followed.kind)
      batch = []
      onPosition()
    }
  }

  /** Writes the position down, so that the next start need not look at these facts again. */
  writePosition(): void {
    if (this.#position > this.#written) this.#commit([], this.#position, 'close')
  }

  #commit(batch: readonly Recorded[], position: Position, cause: 'fact' | 'caught-up' | 'close'): void {
    const goLive = this.#building && cause === 'caught-up'
    const lazy = batch.length === 0 && !goLive && cause !== 'close' && position - this.#written < LAZY_POSITIONS
    if (!lazy) {
      inTransaction(this.#db, () => {
        this.#folding.fold(batch)
        this.#setPosition.run(position, goLive ? 1 : 0, this.table.name, this.#number)
        if (goLive && this.#live) dropBuild(this.#db, this.table, this.#live.number)
      })
      this.#written = position
    }
    this.#position = position
    if (goLive) this.#live = { number: this.#number, shape: shapeOf(this.table), position, live: true }
  }
}
