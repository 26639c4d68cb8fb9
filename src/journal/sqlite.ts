import { journalOf } from './journal-of.ts'
import type { Archiving, Journal, Retaining } from './port.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Upcasts } from './upcast.ts'
import { UPCASTS } from './upcasts.ts'
import { openWorkerStore } from './worker-store.ts'

export type SqliteJournalOptions = {
  readonly path: string
  /** In a thread of its own: fewer appends a second, and a main loop that never waits for the disk. */
  readonly worker?: boolean
  readonly upcasts?: Upcasts
}

/**
 * The embedded event log, in one SQLite file and the archive `<path>.segments` beside it. Several processes may have it open; each
 * commit is on the disk before it is acknowledged, and those that wait for it together share it.
 * @throws Fault `journal.foreign-file`, `journal.newer-file`, `journal.corrupt`, `journal.locked`, `journal.failed`
 */
export const openSqliteJournal = async ({
  path,
  worker = false,
  upcasts = UPCASTS,
}: SqliteJournalOptions): Promise<Journal & Retaining & Archiving> =>
  journalOf(await (worker ? openWorkerStore : openSqliteStore)(path), upcasts)
