import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Fact } from '../../domain/fact.ts'
import { TABLES } from '../../projections/tables.ts'
import { systemClock } from '../../src/clock/system.ts'
import { obeyForgetting } from '../../src/forgetting/obeying.ts'
import { openSubjectKeys } from '../../src/forgetting/subject-keys.ts'
import { RAW_FORM } from '../../src/journal/fact-form.ts'
import { openSnapshots } from '../../src/journal/snapshots.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { openForgetting } from '../../src/market/forgetting.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { systemRandom } from '../../src/random/system.ts'
import { cutLog } from '../../src/sqlite/database.ts'

const log = pino({ level: 'silent' })

export type PlaceOptions = { readonly log?: string; readonly keys?: string; readonly rows?: string }

/** Everything of a node that forgetting touches, on real files: the log, its keys, rows, folded streams and their snapshots. */
export const openPlace = async (folder: string, names: PlaceOptions = {}) => {
  const file = (name: string) => join(folder, name)
  const keys = await openSubjectKeys({ path: file(names.keys ?? 'keys.sqlite'), random: systemRandom })
  const journal = await openSqliteJournal({
    path: file(names.log ?? 'log.sqlite'),
    form: { upcasts: UPCASTS, seals: keys },
  })
  const obeying = await obeyForgetting({ journal, keys, log })
  const rowsPath = file(names.rows ?? 'rows.sqlite')
  const projector = await openProjector({ path: rowsPath, journal, tables: TABLES, clock: systemClock })
  obeying.onForgotten(async (position) => {
    await projector.waitFor(position, 30_000)
    cutLog(rowsPath, 'projector')
  })
  const snapshots = await openSnapshots({ path: `${rowsPath}.snapshots`, log, seals: keys })
  const streams = openStreams(journal, snapshots)
  obeying.onForgotten((_, subject) => {
    if (subject !== undefined) streams.drop(subject)
  })
  const forgetting = openForgetting({ journal, keys, projector, clock: systemClock, reached: obeying.reached })
  return {
    keys,
    journal,
    obeying,
    projector,
    streams,
    forgetting,
    append: async (stream: string, ...facts: readonly Fact[]) => {
      const position = await journal.transact([{ stream, expected: (await journal.read(stream)).length, facts }])
      await projector.waitFor(position, 30_000)
    },
    close: async () => {
      await snapshots.close()
      await projector.close()
      await obeying.close()
      await journal.close()
      keys.close()
    },
  }
}

export const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'zennet-forget-'))
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

/** Names of the files under `folder` in which these words stand. */
export const filesWith = async (folder: string, words: string): Promise<string[]> => {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of names.filter((one) => one.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name))
    if (bytes.includes(words)) found.push(entry.name)
  }
  return found.sort()
}

/** Every stored text of a log, as it is. */
export const storedTexts = async (folder: string): Promise<unknown[]> => {
  const raw = await openSqliteJournal({ path: join(folder, 'log.sqlite'), form: RAW_FORM })
  try {
    return await raw.readAll(0)
  } finally {
    await raw.close()
  }
}
