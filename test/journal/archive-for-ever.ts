import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'

// Started by a test, and killed by it: appends to eight streams in turn, and moves them, and those that are named, to the archive and back
// all the time; with `thread` the journal is in a thread.
const [path, round, mode, ...named] = process.argv.slice(2)
if (path === undefined || round === undefined)
  throw new Error('usage: archive-for-ever <path> <round> [thread|inline] [stream…]')
await once(process.stdin, 'data')
const journal = await openSqliteJournal({ path, worker: mode === 'thread' })
const streams = Array.from({ length: 8 }, (_, i) => `s-${round}-${i}`)
const facts = Array.from({ length: 5 }, (_, i) => ({ type: 'test.noted', at: i, pad: 'x'.repeat(200) }))
for (let step = 0; ; step++) {
  const some = streams.filter((_, i) => (i + step) % 3 > 0)
  for (const stream of streams) await journal.transact([{ stream, expected: step * facts.length, facts }])
  writeSync(1, `${await journal.head()} .\n`)
  await journal.archive([...some, ...named])
  await journal.archive(streams)
  await journal.restore(some)
  await journal.restore([...named, ...streams])
  // Moves are to be hit more often than appends.
  for (let again = 0; again < 5; again++) {
    await journal.archive([...some, ...named])
    await journal.restore([...some, ...named])
  }
}
