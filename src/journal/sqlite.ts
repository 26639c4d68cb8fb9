import { FACT_FORM, type FactForm } from './fact-form.ts'
import { journalOf } from './journal-of.ts'
import type { Archiving, Journal, Retaining } from './port.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { openWorkerStore } from './worker-store.ts'

export type SqliteJournalOptions = {
  readonly path: string
  /** In a thread of its own: fewer appends a second, and a main loop that never waits for the disk. */
  readonly worker?: boolean
  readonly form?: FactForm
}

/**
 * The embedded event log, in one SQLite file and the archive `<path>.segments` beside it. Several processes may have it open; each
 * commit is on the disk before it is acknowledged, and those that wait for it together share it.
 * @throws Fault `journal.foreign-file`, `journal.newer-file`, `journal.corrupt`, `journal.locked`, `journal.failed`
 */
export const openSqliteJournal = async ({
  path,
  worker = false,
  form = FACT_FORM,
}: SqliteJournalOptions): Promise<Journal & Retaining & Archiving> =>
  journalOf(await (worker ? openWorkerStore : openSqliteStore)(path), form)
