import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { encode } from '../../domain/codec.ts'
import { systemClock } from '../../src/clock/system.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { purses } from './purses.ts'

// A node of its own, started by a test: folds a shared log up to a position into its own file, and prints what the rows are.
const [log, path, upTo] = process.argv.slice(2)
if (log === undefined || path === undefined) throw new Error('usage: fold-to <journal> <rows> <position>')
const stoppedCode = (): string | undefined => {
  const state = projector.states()[0]
  return (state?.stopped ?? state?.building?.stopped)?.code
}
const journal = await openSqliteJournal({ path: log })
const projector = await openProjector({
  path,
  journal,
  tables: [purses],
  clock: systemClock,
  batchFacts: 50,
  onStopped: (table) => writeSync(1, `stopped ${table} ${stoppedCode()}\n`),
})
await projector.waitFor(Number(upTo), 120_000)
const rows = projector.query(purses, { orderBy: 'id', limit: 1_000 })
writeSync(1, `rows ${rows.length} ${createHash('sha256').update(encode(rows)).digest('hex')}\n`)
await projector.close()
await journal.close()
