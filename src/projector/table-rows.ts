import type { DatabaseSync } from 'node:sqlite'
import type { Position } from '../journal/port.ts'
import { inTransaction } from '../sqlite/database.ts'
import { type Build, buildsOf, columnsOf, createBuild, dropBuild, rowsName, shapeOf } from './build.ts'
import type { AnyTable, Stopped, TableState } from './port.ts'
import { TableFold } from './table-fold.ts'

/** Where a table can be read: the name of its rows, and the columns that those have. */
export type Live = { readonly rows: string; readonly columns: ReadonlySet<string> }

type Building = { readonly fold: TableFold; readonly began: Position; readonly since: number }

/** One table: the rows that are read, what keeps them current, and the build that will take their place. */
export class TableRows {
  readonly table: AnyTable
  readonly #db: DatabaseSync
  #live: { readonly build: Build; readonly at: Live } | undefined
  /** Folds into the rows that are read; absent while there are none, and when they are of another version of the table. */
  current: TableFold | undefined
  building: Building | undefined

  /** Finds the builds to go on with, or starts one when there is none of this shape, or the log is not the same. */
  constructor(db: DatabaseSync, table: AnyTable, head: Position, now: number) {
    this.table = table
    this.#db = db
    const shape = shapeOf(table)
    const builds = buildsOf(db, table.name).filter((build) => {
      const isOfThisLog = build.position <= head
      if (!isOfThisLog) inTransaction(db, () => dropBuild(db, table, build.number))
      return isOfThisLog
    })
    const live = builds.find((build) => build.live)
    // Builds are in the order in which they were begun; one before the live one is a leftover that it took the place of.
    const next = builds.findLast((build) => build.number > (live?.number ?? 0) && build.shape === shape)
    for (const old of builds) {
      if (old !== live && old !== next) inTransaction(db, () => dropBuild(db, table, old.number))
    }
    if (live) this.#setLive(live)
    if (live?.shape === shape) this.current = new TableFold(db, table, live)
    if (next) this.#go(next, now)
    else if (!this.current) this.begin(undefined, now)
  }

  #setLive(build: Build): void {
    const at = { rows: rowsName(this.table, build.number), columns: new Set(columnsOf(build.shape)) }
    this.#live = { build, at }
  }

  #go(build: Build, since: number): TableFold {
    const fold = new TableFold(this.#db, this.table, build)
    this.building = { fold, began: build.position, since }
    return fold
  }

  /** Undefined until there are whole rows. */
  get live(): Live | undefined {
    return this.#live?.at
  }

  /** Of the rows that are read; 0 while there are none. */
  get position(): Position {
    return this.current?.position ?? this.#live?.build.position ?? 0
  }

  /** Why the rows that are read will not come further by themselves; undefined when they may. */
  get stuck(): Stopped | undefined {
    const folds = [this.current, this.building?.fold].filter((fold) => fold !== undefined)
    const isHopeful = folds.some(({ stopped }) => stopped === undefined || stopped.retrying)
    return isHopeful ? undefined : folds[0]?.stopped
  }

  get state(): TableState {
    const { table, position, current, building } = this
    const stopped = current?.stopped
    return {
      name: table.name,
      version: table.version,
      position,
      readable: this.#live !== undefined,
      outdated: this.#live !== undefined && current === undefined,
      ...(stopped ? { stopped } : {}),
      ...(building ? { building: buildingState(building) } : {}),
    }
  }

  /** Whether the newest build was made for this request. */
  wasMadeFor(key: string): boolean {
    return buildsOf(this.#db, this.table.name).at(-1)?.key === key
  }

  /** Begins a build from the start of the log, instead of one that did not come to its end. */
  begin(key: string | undefined, now: number): TableFold {
    const number = Math.max(0, ...buildsOf(this.#db, this.table.name).map((build) => build.number)) + 1
    inTransaction(this.#db, () => {
      if (this.building) dropBuild(this.#db, this.table, this.building.fold.number)
      createBuild(this.#db, this.table, number, key)
    })
    return this.#go({ number, shape: shapeOf(this.table), position: 0, live: false, key }, now)
  }

  /**
   * Puts the new build in the place of the rows that are read, in one commit; never rows that are older than those.
   * @returns whether it did
   */
  swap(): boolean {
    const fold = this.building?.fold
    if (!fold?.complete || fold.position < this.position) return false
    const old = this.#live?.build
    inTransaction(this.#db, () => {
      this.#db.prepare('UPDATE builds SET live = (build = ?) WHERE name = ?').run(fold.number, this.table.name)
    })
    const { number, position } = fold
    this.#setLive({ number, shape: shapeOf(this.table), position, live: true, key: undefined })
    this.current = fold
    this.building = undefined
    // Apart: it takes a while, and at the next start it is done if it was not now.
    if (old) inTransaction(this.#db, () => dropBuild(this.#db, this.table, old.number))
    return true
  }
}

const buildingState = ({ fold, began, since }: Building) => ({
  position: fold.position,
  began,
  since,
  ...(fold.stopped ? { stopped: fold.stopped } : {}),
})
