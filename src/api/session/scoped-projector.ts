import { leases } from '../../../projections/leases.ts'
import type { ColumnValue } from '../../../projections/table.ts'
import type { Condition, Listed, Projector, Queried, Query, Where } from '../../projector/port.ts'
import { MAX_IN_VALUES, MAX_PAGE_ROWS } from '../../projector/port.ts'
import { forbidden } from './scoped-market.ts'
import { isParty, type Rule, TABLE_RULES } from './visible.ts'

/** How the rows are kept is the owner’s business. */
const refuse = (table: string): never => {
  throw forbidden(table)
}
const OWNERS = { states: () => [], rebuild: refuse, retry: refuse }

/** The rows as `key` is shown them: everything else is as if it were not there, also to counts, pages and ids. */
export const scopedProjector = (projector: Projector, key: string): Projector => {
  const shownLease = (id: string): boolean => isParty(projector.byId(leases, id), key)

  /** Ids of the key's leases; only as many as it has itself are read. */
  const ownLeases = (): string[] => {
    const ids = new Set<string>()
    for (const column of ['publisher', 'provider'] as const) {
      let after: readonly [ColumnValue, string] | undefined
      for (;;) {
        const page = projector.query(leases, {
          where: { [column]: key },
          orderBy: 'began',
          limit: MAX_PAGE_ROWS,
          ...(after === undefined ? {} : { after }),
        })
        for (const { id } of page) ids.add(id)
        const last = page.at(-1)
        if (last === undefined || page.length < MAX_PAGE_ROWS) break
        after = [last.sort, last.id]
      }
    }
    return [...ids]
  }

  /** Conditions that together let exactly the shown rows through. A row may pass more than one of them. */
  const branches = (rule: Rule | undefined, where: Where): Where[] => {
    if (rule === undefined) return []
    if (rule.to === 'all') return [where]
    if (rule.to === 'parties') {
      return rule.columns.flatMap((column) => {
        const both = and(where[column], [key])
        return both === undefined ? [] : [{ ...where, [column]: both }]
      })
    }
    const asked = where[rule.column]
    const named = namedIn(asked)
    const ids = named === undefined ? ownLeases() : named.filter(shownLease)
    const chunks = Array.from({ length: Math.ceil(ids.length / MAX_IN_VALUES) }, (_, i) =>
      ids.slice(i * MAX_IN_VALUES, (i + 1) * MAX_IN_VALUES),
    )
    return chunks.flatMap((chunk) => {
      const both = and(asked, chunk)
      return both === undefined ? [] : [{ ...where, [rule.column]: both }]
    })
  }

  const shown = <Row>(rule: Rule, row: Row): Row => (rule.show !== undefined ? (rule.show(row as never) as Row) : row)

  const isShown = (rule: Rule | undefined, table: Queried<never>, row: unknown, id: string): boolean => {
    if (rule === undefined) return false
    if (rule.to === 'all') return true
    const keyIn = (column: string): ColumnValue => (column === 'id' ? id : table.columns[column]!(row as never))
    if (rule.to === 'parties') return rule.columns.some((column) => keyIn(column) === key)
    return shownLease(String(keyIn(rule.column)))
  }

  return {
    position: (table) => projector.position(table),
    ...OWNERS,
    waitFor: (...args) => projector.waitFor(...args),
    query: <Row, Column extends string>(table: Queried<Row, Column>, query: Query<NoInfer<Column>>) => {
      const rule = TABLE_RULES.get(table.name)
      const found = branches(rule, (query.where ?? {}) as Where).map((where) =>
        projector.query(table, { ...query, where: where as Where<Column> }),
      )
      const rows = found.length === 1 ? found[0]! : merged(found, query.descending === true).slice(0, query.limit)
      return rule === undefined ? [] : rows.map((listed) => ({ ...listed, row: shown(rule, listed.row) }))
    },
    byId: (table, id) => {
      const rule = TABLE_RULES.get(table.name)
      const row = rule === undefined ? undefined : projector.byId(table, id)
      if (rule === undefined || row === undefined) return undefined
      return isShown(rule, table as Queried<never>, row, id) ? shown(rule, row) : undefined
    },
    count: <Row, Column extends string>(table: Queried<Row, Column>, where?: Where<NoInfer<Column>>) => {
      const all = branches(TABLE_RULES.get(table.name), (where ?? {}) as Where)
      // A lease with oneself cannot be (challenge.same-key), so no row is counted for both of its parties.
      return all.reduce((total, branch) => total + projector.count(table, branch as Where<Column>), 0)
    },
    close: () => Promise.resolve(),
  }
}

/** Ids that a condition names one by one; undefined when it names none. */
const namedIn = (condition: Condition | undefined): string[] | undefined => {
  if (typeof condition === 'string') return [condition]
  if (typeof condition === 'object' && condition?.in !== undefined) return condition.in.map(String)
  return undefined
}

/** `condition`, and one of `values`; undefined when nothing can be both. */
const and = (condition: Condition | undefined, values: readonly string[]): Condition | undefined => {
  const named = namedIn(condition)
  const both = named === undefined ? values : values.filter((value) => named.includes(value))
  if (both.length === 0) return undefined
  if (condition === undefined) return { in: both }
  if (typeof condition === 'object' && condition !== null) return { ...condition, in: both }
  return typeof condition === 'string' ? condition : undefined
}

/** Pages of one order as one, each row once. */
const merged = <Row>(pages: readonly (readonly Listed<Row>[])[], descending: boolean): Listed<Row>[] => {
  const rows = new Map(pages.flat().map((listed) => [listed.id, listed]))
  const sign = descending ? -1 : 1
  return [...rows.values()].sort((a, b) => sign * (compare(a.sort, b.sort) || compare(a.id, b.id)))
}

/** As SQLite orders: null, then numbers, then text by its UTF-8 bytes. */
const compare = (a: ColumnValue, b: ColumnValue): number => {
  const rank = (value: ColumnValue): number => (value === null ? 0 : typeof value === 'string' ? 2 : 1)
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return Number(a) - Number(b)
}
