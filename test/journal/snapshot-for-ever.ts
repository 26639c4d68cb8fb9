import { openSnapshots } from '../../src/journal/snapshots.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { counter, STREAM } from './counter.ts'

// Appends to one stream and takes snapshots of it until it is killed; says so after each hundred facts.

const [path = '', snapshotsPath = ''] = process.argv.slice(2)
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const journal = await openSqliteJournal({ path })
const snapshots = await openSnapshots({ path: snapshotsPath, log: silent })
const streams = openStreams(journal, snapshots)
for (let at = 1; ; at++) {
  await streams.execute(counter, STREAM, { at })
  if (at % 100 === 0) console.log(at, snapshots.counts.written)
}
