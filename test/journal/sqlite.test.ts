import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { journalContract } from '../contracts/journal.ts'
import { retainingContract } from '../contracts/journal-retaining.ts'

for (const worker of [false, true]) {
  const make = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zennet-journal-'))
    return {
      journal: await openSqliteJournal({ path: join(folder, 'journal.db'), worker }),
      remove: () => rm(folder, { recursive: true, force: true }),
    }
  }
  const name = worker ? 'sqlite in a thread' : 'sqlite'
  journalContract(name, make)
  retainingContract(name, make)
}
