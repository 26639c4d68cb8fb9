import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../domain/fault.ts'
import { databaseFault, type Format, IN_MEMORY, openDatabase } from '../sqlite/database.ts'

/**
 * The file of the rows, layout 2. A table's rows are in `rows_<name>_<build>`; a new build is folded beside the live one and
 * becomes live in one commit. Not synced each time: after a power cut the newest facts are folded again.
 */
export const PROJECTOR_FORMAT: Format = {
  subsystem: 'projector',
  applicationId: 0x5a4e5052, // 'ZNPR'
  version: 2,
  synchronous: 'NORMAL',
  // Rows have addresses and keys in them, which are forgotten when asked to.
  overwrites: true,
  schema: `
    CREATE TABLE builds (
      name TEXT NOT NULL,
      build INTEGER NOT NULL,
      shape TEXT NOT NULL,
      position INTEGER NOT NULL,
      live INTEGER NOT NULL,
      key TEXT,
      PRIMARY KEY (name, build)
    ) STRICT;`,
  upgrades: { 1: 'ALTER TABLE builds ADD COLUMN key TEXT' },
}

/** What SQLite keeps beside a database. */
const COMPANIONS = ['', '-wal', '-shm']
/** Beside the file: it was found damaged while it was open, so the next start begins another. */
const damagedMark = (path: string): string => `${path}.damaged`

/**
 * Opens the rows and gives them to `begin`. Rows are disposable: a file that is damaged, or that a newer version wrote, is put
 * aside as `<path>.corrupt` or `<path>.newer-file` (instead of an earlier one of that name), and a new one is begun.
 * @throws Fault `projector.foreign-file` (the file is not touched), `.locked`, `.disk-full`, `.failed`
 */
export const openRows = async <T>(
  path: string,
  begin: (db: DatabaseSync) => T,
  onPutAside: (aside: string, fault: Fault) => void,
): Promise<T> => {
  if (path !== IN_MEMORY && existsSync(damagedMark(path))) {
    putAside(path, new Fault('projector.corrupt', `${path} was found damaged when it was last open`), onPutAside)
    rmSync(damagedMark(path))
  }
  try {
    return await openOnce(path, begin)
  } catch (error) {
    const fault = databaseFault('projector', path, error)
    if (fault.code !== 'projector.corrupt' && fault.code !== 'projector.newer-file') throw fault
    putAside(path, fault, onPutAside)
    return openOnce(path, begin)
  }
}

const openOnce = async <T>(path: string, begin: (db: DatabaseSync) => T): Promise<T> => {
  const db = await openDatabase(path, PROJECTOR_FORMAT)
  try {
    return begin(db)
  } catch (error) {
    db.close()
    throw error
  }
}

const putAside = (path: string, fault: Fault, onPutAside: (aside: string, fault: Fault) => void): void => {
  const aside = `${path}.${fault.code.slice('projector.'.length)}`
  for (const companion of COMPANIONS) {
    rmSync(`${aside}${companion}`, { force: true })
    if (existsSync(`${path}${companion}`)) renameSync(`${path}${companion}`, `${aside}${companion}`)
  }
  onPutAside(aside, fault)
}

/** Removes what was put aside: it has the rows' personal fields in plain text. */
export const dropPutAside = (path: string): void => {
  for (const why of ['corrupt', 'newer-file']) {
    for (const companion of COMPANIONS) rmSync(`${path}.${why}${companion}`, { force: true })
  }
}

/** Says to the next start that this file is damaged: where it is large, only reading all of it would show that again. */
export const markDamaged = (path: string): void => {
  if (path !== IN_MEMORY) writeFileSync(damagedMark(path), '')
}
