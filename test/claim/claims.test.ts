import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logClaims } from '../../src/claim/log.ts'
import { soleClaims } from '../../src/claim/sole.ts'
import { systemClock } from '../../src/clock/system.ts'
import { openKurrentdbJournal } from '../../src/journal/kurrentdb.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { systemRandom } from '../../src/random/system.ts'
import { claimsContract } from '../contracts/claims.ts'
import { startDouble } from '../journal/kurrentdb-double/double.ts'
import { silent } from './silent.ts'

const inLog = (journal: Journal) =>
  logClaims({ journal, streams: openStreams(journal), clock: systemClock, random: systemRandom, log: silent })

claimsContract('of a node with a log of its own', async () => ({ claims: soleClaims(), remove: async () => {} }))

claimsContract('in a log in memory', async () => {
  const journal = memoryJournal()
  return { claims: inLog(journal), journal, remove: async () => {} }
})

claimsContract('in an SQLite log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zennet-claims-'))
  const journal = await openSqliteJournal({ path: join(folder, 'journal.db') })
  return { claims: inLog(journal), journal, remove: () => rm(folder, { recursive: true, force: true }) }
})

claimsContract('in a KurrentDB log (a double of its protocol)', async () => {
  const { url, kill } = await startDouble()
  const journal = await openKurrentdbJournal({ url })
  return { claims: inLog(journal), journal, remove: async () => kill() }
})
