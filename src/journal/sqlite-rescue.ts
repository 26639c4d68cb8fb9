import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Fault } from '../../domain/fault.ts'
import { inTransaction, openDamaged, openDatabase } from '../sqlite/database.ts'
import type { Position } from './port.ts'
import { DamagedLog, type Lost, type Row, said } from './sqlite-damage.ts'
import { JOURNAL_FORMAT } from './sqlite-schema.ts'

/** What came over, and what did not. */
export type Rescued = {
  /** Those in the archive too. */
  readonly facts: number
  readonly lost: readonly Lost[]
  /** Tables that could not be read to the end, and archive files that could not be copied. */
  readonly damages: readonly string[]
}

/** Facts written in one commit. */
const PAGE = 1_000
/** What stands beside the facts, in an order in which rows may refer to each other. */
const TABLES = ['streams', 'commands_seen', 'segments', 'archived'] as const

/**
 * Copies what can be read of a damaged journal into a new file, at the same positions and versions, and its archive. The damaged one
 * stays as it is. No position or version of a lost fact is given out again, as far as anything still tells of it.
 * @throws Fault `journal.in-the-way` when there is something at `to`, and those of `openDatabase`
 */
export const rescueJournalFile = async (from: string, to: string): Promise<Rescued> => {
  for (const path of [to, `${to}.segments`]) {
    if (!existsSync(path)) continue
    throw new Fault('journal.in-the-way', `there is something at ${path}`, {
      culprit: 'you',
      next: 'Name another path.',
    })
  }
  const { db, layout } = openDamaged(from, JOURNAL_FORMAT)
  try {
    const target = await openDatabase(to, JOURNAL_FORMAT)
    try {
      const log = new DamagedLog(db, layout, from)
      const head = log.head()
      const copied = copyFacts(log, head, target)
      const archive = log.archive(copied.lost)
      const damages = layout < 2 ? [] : TABLES.flatMap((table) => copyTable(db, target, table))
      damages.push(...archive.damages, ...copySegments(`${from}.segments`, `${to}.segments`))
      inTransaction(target, () => finish(target, head, archive.lost))
      return { facts: copied.facts + archive.facts, lost: archive.lost, damages }
    } finally {
      target.close()
    }
  } finally {
    db.close()
  }
}

const copyFacts = (log: DamagedLog, head: Position, target: DatabaseSync): { facts: number; lost: Lost[] } => {
  const insert = target.prepare(`INSERT INTO facts (position, stream, version, type, fact, command, correlation, sum)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const lost: Lost[] = []
  let facts = 0
  let page: Row[] = []
  const write = () =>
    inTransaction(target, () => {
      for (const { position, stream, version, type, fact, command, correlation, sum } of page) {
        insert.run(...([position, stream, version, type, fact, command, correlation, sum] as SQLInputValue[]))
      }
      facts += page.length
      page = []
    })
  for (const found of log.walk(head)) {
    if ('row' in found) page.push(found.row)
    else lost.push(found.lost)
    if (page.length === PAGE) write()
  }
  write()
  return { facts, lost }
}

const copyTable = (db: DatabaseSync, target: DatabaseSync, table: (typeof TABLES)[number]): string[] => {
  const damages: string[] = []
  inTransaction(target, () => {
    try {
      for (const row of db.prepare(`SELECT * FROM ${table}`).iterate()) {
        const columns = Object.keys(row)
        target
          .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
          .run(...(Object.values(row) as SQLInputValue[]))
      }
    } catch (error) {
      damages.push(`${table} could not be read to the end: ${said(error)}`)
    }
  })
  return damages
}

const finish = (target: DatabaseSync, head: Position, lost: readonly Lost[]): void => {
  target.exec('INSERT OR IGNORE INTO places SELECT stream, version, position FROM facts ORDER BY stream, version')
  target.prepare('UPDATE placed SET position = ?').run(head)
  target.prepare('UPDATE reached SET position = ?').run(head)
  const reach = target.prepare(`INSERT INTO streams (stream, version, state) VALUES (?, ?, 'live')
    ON CONFLICT DO UPDATE SET version = max(version, excluded.version)`)
  for (const { stream, version } of lost) if (stream !== undefined && version !== undefined) reach.run(stream, version)
}

const copySegments = (from: string, to: string): string[] => {
  if (!existsSync(from)) return []
  mkdirSync(to, { mode: 0o700 })
  return readdirSync(from).flatMap((name) => {
    try {
      copyFileSync(join(from, name), join(to, name))
      return []
    } catch (error) {
      return [`${name} of the archive: ${said(error)}`]
    }
  })
}
