import { join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import type { Config } from '../config.ts'
import type { Seals } from '../forgetting/port.ts'
import type { FactForm } from '../journal/fact-form.ts'
import { openKurrentdbJournal } from '../journal/kurrentdb.ts'
import type { Archiving, Journal } from '../journal/port.ts'
import { openSqliteJournal } from '../journal/sqlite.ts'
import { UPCASTS } from '../journal/upcasts.ts'

const SHARED_FILE = 'sqlite:'

/** Path of the log that several nodes on one machine share; undefined when it is none. */
export const sharedFile = ({ journal }: Config): string | undefined =>
  journal.startsWith(SHARED_FILE) ? journal.slice(SHARED_FILE.length) : undefined

/** A thread takes its share of each append's time: worth it where questions are answered in between. */
const inThread = ({ journalThread, roles }: Config): boolean => journalThread ?? roles.includes('api')

/**
 * The log that the settings name, its personal fields sealed.
 * @throws Fault of the journal; `journal.one-stream` when the server is too old for a node, whose units have several streams
 */
export const openJournal = async (config: Config, seals: Seals): Promise<Journal & Partial<Archiving>> => {
  const form: FactForm = { upcasts: UPCASTS, seals }
  const path = config.journal === 'sqlite' ? join(config.dataDir, 'journal.sqlite') : sharedFile(config)
  if (path !== undefined) return openSqliteJournal({ path, form, worker: inThread(config) })
  const journal = await openKurrentdbJournal({ url: config.journal, form })
  const { versionChecks, serverVersion } = journal.capabilities
  if (versionChecks) return journal
  await journal.close()
  throw new Fault('journal.one-stream', `KurrentDB ${serverVersion} cannot write several streams as a node does`, {
    culprit: 'you',
    next: 'Use KurrentDB 26.1 or later, or the setting `journal` = sqlite.',
  })
}
