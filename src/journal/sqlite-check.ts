import type { DatabaseSync } from 'node:sqlite'
import { openDamaged } from '../sqlite/database.ts'
import { attempt, DamagedLog, type Lost, said } from './sqlite-damage.ts'
import { JOURNAL_FORMAT } from './sqlite-schema.ts'

/** What is wrong with a journal's file and its archive; nothing when both lists are empty. */
export type Checked = {
  /** That can be read, those in the archive too. */
  readonly facts: number
  readonly lost: readonly Lost[]
  /** Damages of anything else, a line each. A file whose facts can all be read may have some. */
  readonly damages: readonly string[]
}

/** So many lines SQLite says at the most. */
const MAX_LINES = 100

/**
 * Reads everything that is in a journal's file and its archive. Changes nothing, and may take minutes for a large one.
 * @throws Fault `journal.foreign-file`, `journal.newer-file`, `journal.failed` when there is none
 */
export const checkJournalFile = (path: string): Checked => {
  const { db, layout } = openDamaged(path, JOURNAL_FORMAT)
  try {
    const log = new DamagedLog(db, layout, path)
    const lost: Lost[] = []
    let facts = 0
    for (const found of log.walk(log.head())) {
      if ('row' in found) facts += 1
      else lost.push(found.lost)
    }
    const archive = log.archive(lost)
    const damages = [...pages(db), ...(layout < 3 ? [] : places(db)), ...archive.damages]
    return { facts: facts + archive.facts, lost: archive.lost, damages }
  } finally {
    db.close()
  }
}

const pages = (db: DatabaseSync): string[] => {
  try {
    const lines = db.prepare(`PRAGMA integrity_check(${MAX_LINES})`).all()
    return lines.map((line) => String(line['integrity_check'])).filter((line) => line !== 'ok')
  } catch (error) {
    return [said(error)]
  }
}

/** Facts that a read of their stream would not find. */
const places = (db: DatabaseSync): string[] => {
  const sql = `SELECT f.position, f.stream, f.version FROM facts f LEFT JOIN places p ON p.stream = f.stream AND p.version = f.version
    WHERE f.position <= (SELECT position FROM placed) AND p.position IS NOT f.position LIMIT ${MAX_LINES}`
  const rows = attempt(() => db.prepare(sql).all(), [])
  return rows.map(
    ({ position, stream, version }) => `position ${position} is not found by ${stream}, version ${version}`,
  )
}
