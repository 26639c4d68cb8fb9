import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKurrentdbJournal } from '../../src/journal/kurrentdb.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { oneUnitContract } from '../contracts/one-unit.ts'
import { startDouble } from '../journal/kurrentdb-double/double.ts'

oneUnitContract('memory', async () => ({ journal: memoryJournal(), remove: async () => {} }))

oneUnitContract('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zennet-unit-'))
  const journal = await openSqliteJournal({ path: join(folder, 'journal.sqlite') })
  return { journal, remove: () => rm(folder, { recursive: true, force: true }) }
})

oneUnitContract('kurrentdb against a double of its protocol', async () => {
  const { url, kill } = await startDouble()
  return { journal: await openKurrentdbJournal({ url }), remove: async () => kill() }
})
