import { writeSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { systemClock } from '../../src/clock/system.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { purses } from './purses.ts'

// Started by a test, and killed by it in the middle of folding: prints a line when it starts, and for each commit it sees.
const [log, rows] = process.argv.slice(2)
if (log === undefined || rows === undefined) throw new Error('usage: fold-for-ever <journal> <rows>')
const journal = await openSqliteJournal({ path: log })
await openProjector({ path: rows, journal, tables: [purses], clock: systemClock, batchFacts: 7 })
for (;;) {
  writeSync(1, '.\n')
  await breathe()
}
