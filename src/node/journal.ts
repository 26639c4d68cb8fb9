import { join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import type { Config } from '../config.ts'
import { openKurrentdbJournal } from '../journal/kurrentdb.ts'
import type { Journal } from '../journal/port.ts'
import { openSqliteJournal } from '../journal/sqlite.ts'

/** Before the path of a file that several nodes on one machine share. */
const SHARED_FILE = 'sqlite:'

/**
 * The log that the settings name.
 * @throws Fault of the journal; `journal.one-stream` when the server is too old for a node, whose units have several streams
 */
export const openJournal = async (config: Config): Promise<Journal> => {
  if (config.journal === 'sqlite') return openSqliteJournal({ path: join(config.dataDir, 'journal.sqlite') })
  if (config.journal.startsWith(SHARED_FILE))
    return openSqliteJournal({ path: config.journal.slice(SHARED_FILE.length) })
  const journal = await openKurrentdbJournal({ url: config.journal })
  const { versionChecks, serverVersion } = journal.capabilities
  if (versionChecks) return journal
  await journal.close()
  throw new Fault('journal.one-stream', `KurrentDB ${serverVersion} cannot write several streams as a node does`, {
    culprit: 'you',
    next: 'Use KurrentDB 26.1 or later, or the setting `journal` = sqlite.',
  })
}
