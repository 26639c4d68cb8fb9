import { writeSync } from 'node:fs'
import { systemClock } from '../../src/clock/system.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { purses } from './purses.ts'

// Started by a test, and killed by it in the middle of folding: says so when it has made some commits of this run.
const COMMITS = 20

const [log, rows] = process.argv.slice(2)
if (log === undefined || rows === undefined) throw new Error('usage: fold-for-ever <journal> <rows>')
const journal = await openSqliteJournal({ path: log })
let commits = 0
await openProjector({
  path: rows,
  journal,
  tables: [purses],
  clock: systemClock,
  batchFacts: 7,
  onFolded: () => {
    commits += 1
    if (commits === COMMITS) writeSync(1, 'folding\n')
  },
})
