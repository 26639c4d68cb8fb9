import { join } from 'node:path'
import type { Config } from '../config.ts'
import { type Obeying, obeyForgetting } from '../forgetting/obeying.ts'
import type { SubjectKeys } from '../forgetting/port.ts'
import { openSubjectKeys } from '../forgetting/subject-keys.ts'
import type { Archiving, Journal } from '../journal/port.ts'
import type { Log } from '../log/port.ts'
import { systemRandom } from '../random/system.ts'
import { openJournal, sharedFile } from './journal.ts'

/** The log, with the keys of what is personal in it. */
export type NodeLog = {
  readonly journal: Journal & Partial<Archiving>
  readonly keys: SubjectKeys
  readonly obeying: Obeying
}

/**
 * Opens the log that the settings name. What was forgotten, on whichever node, has no key any more when this resolves.
 * @param closers what is opened is put here, so that it is closed also when a later part cannot be opened
 * @throws Fault of the keys and the journal
 */
export const openLog = async (config: Config, log: Log, closers: (() => unknown)[]): Promise<NodeLog> => {
  const keys = await openSubjectKeys({ path: keysPath(config), random: systemRandom })
  closers.push(() => keys.close())
  const journal = await openJournal(config, keys)
  closers.push(() => journal.close())
  const obeying = await obeyForgetting({ journal, keys, log })
  closers.push(() => obeying.close())
  return { journal, keys, obeying }
}

/** Whoever shares a file needs its keys too: so they are beside it. */
const keysPath = (config: Config): string => {
  if (config.subjectKeys !== undefined) return config.subjectKeys
  const shared = sharedFile(config)
  return shared === undefined ? join(config.dataDir, 'subject-keys.sqlite') : `${shared}.subject-keys`
}
