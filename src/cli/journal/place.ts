import { existsSync } from 'node:fs'
import { Fault } from '../../../domain/fault.ts'
import { RAW_FORM } from '../../journal/fact-form.ts'
import { openKurrentdbJournal } from '../../journal/kurrentdb.ts'
import type { Journal } from '../../journal/port.ts'
import { openSqliteJournal } from '../../journal/sqlite.ts'

const SQLITE = 'sqlite:'
const KURRENTDB = 'kurrentdb:'

/**
 * Opens the log at `sqlite:PATH`, `kurrentdb://…`, or `kurrentdb:` and any address that its client takes. Facts come
 * and go as they are stored, sealed and in their old versions: a copy needs no key, and is the same.
 * @param mustBe a file that is not there is not made
 * @throws Fault `journal.bad-address`, `journal.no-file`, and those of the journal
 */
export const openPlace = async (place: string, mustBe: boolean): Promise<Journal> => {
  if (place.startsWith(SQLITE) && place.length > SQLITE.length) {
    const path = place.slice(SQLITE.length)
    if (mustBe) refuseMissing(path)
    return openSqliteJournal({ path, form: RAW_FORM })
  }
  const nested = place.startsWith(KURRENTDB) && !place.startsWith(`${KURRENTDB}//`)
  return openKurrentdbJournal({ url: nested ? place.slice(KURRENTDB.length) : place, form: RAW_FORM })
}

/** @throws Fault `journal.no-file` */
export const refuseMissing = (path: string): void => {
  if (existsSync(path)) return
  throw new Fault('journal.no-file', `there is no file ${path}`, {
    culprit: 'you',
    next: 'Name the file journal.sqlite in the data directory of a node.',
  })
}
