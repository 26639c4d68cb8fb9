import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { databaseFault, openDamaged } from '../sqlite/database.ts'
import { segmentPath } from './segment.ts'
import { JOURNAL_FORMAT } from './sqlite-schema.ts'

/** What is in a journal's file and its archive. Sizes in bytes. */
export type JournalInfo = {
  readonly path: string
  /** Of the file, as `PRAGMA user_version`. */
  readonly layout: number
  /** Position of the newest fact. */
  readonly head: number
  readonly facts: number
  readonly streams: number
  /** With what is not yet taken over from its write-ahead log. */
  readonly bytes: number
  readonly archivedStreams: number
  readonly tombstonedStreams: number
  readonly segments: number
  readonly segmentBytes: number
}

/**
 * Reads nothing but the file's own tables, and changes nothing: also while a node writes to it.
 * @throws Fault `journal.foreign-file`, `journal.newer-file`, `journal.corrupt`, `journal.locked`, `journal.failed`
 */
export const journalFileInfo = (path: string): JournalInfo => {
  const { db, layout } = openDamaged(path, JOURNAL_FORMAT)
  try {
    return infoOf(db, path, layout)
  } catch (error) {
    throw databaseFault('journal', path, error)
  } finally {
    db.close()
  }
}

const infoOf = (db: DatabaseSync, path: string, layout: number): JournalInfo => {
  const number = (sql: string): number => Number(Object.values(db.prepare(sql).get()!)[0] ?? 0)
  const facts = number('SELECT count(*) FROM facts')
  const streams =
    layout < 3
      ? number('SELECT count(DISTINCT stream) FROM facts')
      : number(`SELECT count(*) FROM (SELECT stream FROM places
          UNION SELECT stream FROM facts WHERE position > (SELECT position FROM placed))`)
  const head = number('SELECT coalesce(max(position), 0) FROM facts')
  const shared = { path, layout, facts, streams, bytes: sizeOf(path) + sizeOf(`${path}-wal`) }
  if (layout < 2) {
    return { ...shared, head, archivedStreams: 0, tombstonedStreams: 0, segments: 0, segmentBytes: 0 }
  }
  const used = db.prepare('SELECT DISTINCT segment FROM archived').all()
  const segmentBytes = used.map(({ segment }) => sizeOf(segmentPath(`${path}.segments`, Number(segment))))
  return {
    ...shared,
    head: Math.max(head, number('SELECT position FROM reached')),
    archivedStreams: number('SELECT count(*) FROM archived'),
    tombstonedStreams: number("SELECT count(*) FROM streams WHERE state = 'tombstoned'"),
    segments: used.length,
    segmentBytes: segmentBytes.reduce((sum, bytes) => sum + bytes, 0),
  }
}

/** 0 for a file that is not there. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
