import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { decode } from '../../domain/codec.ts'
import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import { databaseFault } from '../sqlite/database.ts'
import { checkNames } from './build.ts'
import type { LaneWorld } from './lane.ts'
import { Lanes } from './lanes.ts'
import { type AnyTable, BATCH_FACTS, type Listed, type Projector, type Query, type Where } from './port.ts'
import { markDamaged, openRows } from './rows-file.ts'
import { pageSql, whereSql } from './select.ts'
import { type Live, TableRows } from './table-rows.ts'
import { positionOf, Waiters } from './waiters.ts'

export type ProjectorOptions = {
  /** Of a file that belongs to the projector alone, and may be deleted at any time; or `:memory:`. */
  readonly path: string
  readonly journal: Journal
  readonly tables: readonly AnyTable[]
  readonly clock: Clock
  /** A table stands still: see `Stopped`. Its rows stay readable. */
  readonly onStopped?: (table: string, cause: unknown) => void
  /** The file could not be used, is now called `aside`, and the rows are folded anew. */
  readonly onPutAside?: (aside: string, fault: Fault) => void
  /** After each commit with facts: how many, and how long their folding and writing took. */
  readonly onFolded?: (folded: { readonly facts: number; readonly seconds: number }) => void
  readonly batchFacts?: number
}

/** Different queries whose prepared statements are kept. */
const STATEMENTS_KEPT = 200

/**
 * Opens the rows and keeps them up with the log until it is closed. It does not wait for them: use `waitFor`.
 * @throws Fault `projector.foreign-file`, `.locked`, `.disk-full`, `.failed`
 */
export const openProjector = async (options: ProjectorOptions): Promise<Projector> => {
  const { path, journal, clock, onStopped, onPutAside, onFolded, batchFacts = BATCH_FACTS } = options
  checkNames(options.tables)
  const head = await journal.head()
  const { db, tables } = await openRows(
    path,
    (opened) => ({
      db: opened,
      tables: options.tables.map((table) => new TableRows(opened, table, head, clock.now())),
    }),
    (aside, fault) => onPutAside?.(aside, fault),
  )
  const stop = new AbortController()
  const waiters = new Waiters()
  const statements = new Map<string, StatementSync>()
  let closing: Promise<void> | undefined

  const tableNamed = (name: string): TableRows => {
    const found = tables.find(({ table }) => table.name === name)
    if (!found) throw new Fault('projector.unknown-table', `no table ${name.slice(0, 100)}`, { culprit: 'you' })
    return found
  }

  const world: LaneWorld = {
    db,
    path,
    journal,
    clock,
    batchFacts,
    stop: stop.signal,
    onCommit(lane, folded) {
      for (const table of tables) {
        const before = table.current
        if (!table.building || !lane.folds.has(table.building.fold) || !table.swap()) continue
        if (before) lanes.remove(before)
      }
      if (folded.facts > 0) onFolded?.(folded)
      lanes.meet(lane)
      waiters.tell()
    },
    onStopped(fold, cause) {
      if (fold.stopped?.code === 'projector.corrupt') markDamaged(path)
      onStopped?.(fold.table.name, cause)
      waiters.tell()
    },
    onApart: (folds) => lanes.beginApart(folds),
  }
  const lanes = new Lanes(world)
  lanes.begin(tables.flatMap(({ current, building }) => [current, building?.fold].filter((it) => it !== undefined)))

  const checkOpen = (): void => {
    if (closing) throw new Fault('projector.closed', 'the projector is closed')
  }

  const read = <T>(table: string, asked: readonly string[], work: (live: Live) => T): T => {
    checkOpen()
    const { live, table: own } = tableNamed(table)
    const missing = asked.find((column) => own.columns[column] !== undefined && live?.columns.has(column) !== true)
    if (!live || missing !== undefined) {
      const what = missing === undefined || !live ? `the rows of ${table} are` : `${table}.${missing} is`
      throw new Fault('projector.rebuilding', `${what} being folded`, { next: 'Ask again shortly.' })
    }
    try {
      return work(live)
    } catch (error) {
      const fault = databaseFault('projector', path, error)
      if (fault.code === 'projector.corrupt') markDamaged(path)
      throw fault
    }
  }

  const prepare = (text: string): StatementSync => {
    const kept = statements.get(text)
    if (kept) return kept
    if (statements.size >= STATEMENTS_KEPT) statements.clear()
    const statement = db.prepare(text)
    statements.set(text, statement)
    return statement
  }
  const get = (text: string, values: readonly SQLInputValue[]) => prepare(text).get(...values)

  return {
    position: (table) => (table === undefined ? positionOf(tables) : tableNamed(table).position),
    states: () => tables.map((table) => table.state),
    async waitFor(wanted, timeoutMs, names) {
      checkOpen()
      await waiters.wait(names ? names.map(tableNamed) : tables, wanted, timeoutMs, clock)
    },
    query<Row, Column extends string>(table: { readonly name: string }, query: Query<Column>) {
      return read(table.name, [query.orderBy, ...namesIn(query.where)], ({ rows, columns }) => {
        const hasNull = (column: string) =>
          get(`SELECT 1 FROM ${rows} WHERE ${column} IS NULL LIMIT 1`, []) !== undefined
        const { text, values } = pageSql(rows, query as Query, columns, hasNull)
        return prepare(text)
          .all(...values)
          .map(
            (row): Listed<Row> => ({
              id: String(row['id']),
              position: Number(row['position']),
              sort: row['sort'] as string | number | null,
              row: decode(String(row['row'])) as Row,
            }),
          )
      })
    },
    byId<Row>(table: { readonly name: string }, id: string) {
      return read(table.name, [], ({ rows }) => {
        const row = get(`SELECT row FROM ${rows} WHERE id = ?`, [id])
        return row && (decode(String(row['row'])) as Row)
      })
    },
    count(table, where = {}) {
      return read(table.name, namesIn(where), ({ rows, columns }) => {
        const { text, values } = whereSql(where, columns)
        return Number(get(`SELECT count(*) AS count FROM ${rows} WHERE ${text}`, values)?.['count'])
      })
    },
    rebuild(name, key) {
      checkOpen()
      const table = tableNamed(name)
      const building = table.building?.fold
      if (building && (!building.stopped || building.stopped.retrying)) return
      if (!building && table.wasMadeFor(key)) return
      lanes.begin([table.begin(key, clock.now())])
    },
    retry(name) {
      checkOpen()
      const { current, building } = tableNamed(name)
      for (const fold of [current, building?.fold]) {
        if (!fold?.stopped || fold.stopped.retrying) continue
        fold.stopped = undefined
        lanes.begin([fold])
      }
    },
    close() {
      closing ??= (async () => {
        stop.abort()
        try {
          await lanes.end()
        } finally {
          waiters.end(new Fault('projector.closed', 'the projector is closed'))
          db.close()
        }
      })()
      return closing
    },
  }
}

const namesIn = (where: Where | undefined): string[] => Object.keys(where ?? {})
