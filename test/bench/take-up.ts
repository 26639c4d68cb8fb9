import { join } from 'node:path'
import { TABLES } from '../../projections/tables.ts'
import { systemClock } from '../../src/clock/system.ts'
import { obeyForgetting } from '../../src/forgetting/obeying.ts'
import { openSubjectKeys } from '../../src/forgetting/subject-keys.ts'
import { openSnapshots } from '../../src/journal/snapshots.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { UPCASTS } from '../../src/journal/upcasts.ts'
import { Watched } from '../../src/market/watched.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { systemRandom } from '../../src/random/system.ts'

// A process that takes a folder up as a node does at its start: keys, log, what was forgotten, snapshots, rows of all tables up to the
// newest fact, and all that is watched. Then it says on a line of JSON what that took, and ends: `close` or `kill`.

/** What a start took. Times in ms since the process began. */
export type TakenUp = {
  readonly loadedMs: number
  readonly readyMs: number
  readonly known: number
  /** Resident as it came up, and after a collection that gives memory back; the same of the heap. */
  readonly rss: number
  readonly rssCollected: number
  readonly heapCollected: number
}

const ROWS_LIMIT_MS = 600_000

const [, , folder = '', end] = process.argv
const loadedMs = performance.now()
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }
const keys = await openSubjectKeys({ path: join(folder, 'subject-keys.sqlite'), random: systemRandom })
const form = { upcasts: UPCASTS, seals: keys }
const journal = await openSqliteJournal({ path: join(folder, 'journal.sqlite'), form })
const obeying = await obeyForgetting({ journal, keys, log })
const snapshots = await openSnapshots({ path: join(folder, 'snapshots.sqlite'), log, seals: keys })
const streams = openStreams(journal, snapshots)
const clock = systemClock
const projector = await openProjector({ path: join(folder, 'rows.sqlite'), journal, tables: TABLES, clock })
await projector.waitFor(await journal.head(), ROWS_LIMIT_MS)
const watched = new Watched(journal, snapshots)
await watched.catchUp()
const readyMs = performance.now()

const { rss } = process.memoryUsage()
// As V8 does it by itself when little goes on.
const collect = globalThis.gc as (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void
for (let i = 0; i < 3; i++) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
const collected = process.memoryUsage()
const taken: TakenUp = {
  loadedMs,
  readyMs,
  known: watched.open('provider').length,
  rss,
  rssCollected: collected.rss,
  heapCollected: collected.heapUsed,
}
console.log(JSON.stringify(taken))
// They are held until here, as by a node.
if (streams === undefined || end === 'kill') process.kill(process.pid, 'SIGKILL')
await projector.close()
await snapshots.close()
await obeying.close()
await journal.close()
keys.close()
