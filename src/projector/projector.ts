import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { decode } from '../../domain/codec.ts'
import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal, Position } from '../journal/port.ts'
import { databaseFault, openDatabase } from '../sqlite/database.ts'
import { checkNames, PROJECTOR_FORMAT } from './build.ts'
import { type AnyTable, BATCH_FACTS, type Listed, type Projector, type Query } from './port.ts'
import { pageSql, whereSql } from './select.ts'
import { type Live, TableFold } from './table-fold.ts'

export type ProjectorOptions = {
  /** Of a file that belongs to the projector alone, and may be deleted at any time; or `:memory:`. */
  readonly path: string
  readonly journal: Journal
  readonly tables: readonly AnyTable[]
  readonly clock: Clock
  /** A table stopped: its fold threw, or the log or the file failed. Its rows stay readable, and stand still. */
  readonly onStopped?: (table: string, cause: unknown) => void
  readonly batchFacts?: number
}

/** Different queries whose prepared statements are kept. */
const STATEMENTS_KEPT = 200

type Waiter = { readonly position: Position; readonly settle: (fault?: Fault) => void }

/**
 * Opens the rows and keeps them up with the log until it is closed. It does not wait for them: use `waitFor`.
 * @throws Fault `projector.foreign-file`, `.newer-file`, `.corrupt`, `.locked`, `.failed`
 */
export const openProjector = async (options: ProjectorOptions): Promise<Projector> => {
  const { path, journal, tables, clock, onStopped, batchFacts = BATCH_FACTS } = options
  checkNames(tables)
  const head = await journal.head()
  const db = await openDatabase(path, PROJECTOR_FORMAT)
  const stop = new AbortController()
  const waiters = new Set<Waiter>()
  const statements = new Map<string, StatementSync>()
  const folds = new Map(tables.map((table) => [table.name, new TableFold(db, table, head, batchFacts)]))
  let stopped: Fault | undefined
  let closing: Promise<void> | undefined

  const position = (table?: string): Position =>
    table === undefined ? Math.min(...[...folds.values()].map((fold) => fold.position)) : foldOf(table).position

  const foldOf = (name: string): TableFold => {
    const fold = folds.get(name)
    if (!fold) throw new Fault('projector.unknown-table', `no table ${name}`)
    return fold
  }

  const tellWaiters = (): void => {
    if (waiters.size === 0) return
    const now = position()
    for (const waiter of waiters) {
      if (stopped) waiter.settle(stopped)
      else if (waiter.position <= now) waiter.settle()
    }
  }

  const running = [...folds.values()].map(async (fold) => {
    try {
      await fold.run(journal, stop.signal, tellWaiters)
    } catch (cause) {
      stopped ??= new Fault('projector.stopped', `table ${fold.table.name} stopped`, { cause })
      onStopped?.(fold.table.name, cause)
      tellWaiters()
    }
  })

  const read = <T>(table: string, work: (live: Live) => T): T => {
    if (closing) throw new Fault('projector.closed', 'the projector is closed')
    const { live } = foldOf(table)
    if (!live) {
      throw new Fault('projector.rebuilding', `the rows of ${table} are being folded`, { next: 'Ask again shortly.' })
    }
    try {
      return work(live)
    } catch (error) {
      throw databaseFault('projector', path, error)
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
    position,
    async waitFor(wanted, timeoutMs) {
      if (closing) throw new Fault('projector.closed', 'the projector is closed')
      if (position() >= wanted) return
      if (stopped) throw stopped
      const waited = new AbortController()
      let waiter: Waiter | undefined
      const reached = new Promise<void>((resolve, reject) => {
        waiter = { position: wanted, settle: (fault) => (fault ? reject(fault) : resolve()) }
        waiters.add(waiter)
      })
      const late = clock.sleep(timeoutMs, waited.signal).then(() => {
        throw new Fault('projector.behind', `the rows are at ${position()}, not yet at ${wanted}`, {
          next: 'Ask again shortly.',
        })
      })
      try {
        await Promise.race([reached, late])
      } finally {
        if (waiter) waiters.delete(waiter)
        late.catch(() => {})
        waited.abort()
      }
    },
    query<Row, Column extends string>(table: { readonly name: string }, query: Query<Column>) {
      return read(table.name, ({ rows, columns }) => {
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
      return read(table.name, ({ rows }) => {
        const row = get(`SELECT row FROM ${rows} WHERE id = ?`, [id])
        return row && (decode(String(row['row'])) as Row)
      })
    },
    count(table, where = {}) {
      return read(table.name, ({ rows, columns }) => {
        const { text, values } = whereSql(where, columns)
        return Number(get(`SELECT count(*) AS count FROM ${rows} WHERE ${text}`, values)?.['count'])
      })
    },
    close() {
      closing ??= (async () => {
        stop.abort()
        await Promise.all(running)
        for (const { settle } of waiters) settle(new Fault('projector.closed', 'the projector is closed'))
        for (const fold of folds.values()) fold.writePosition()
        db.close()
      })()
      return closing
    },
  }
}
