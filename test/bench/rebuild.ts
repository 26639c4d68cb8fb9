import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leases } from '../../projections/leases.ts'
import { systemClock } from '../../src/clock/system.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { writeLeases } from './lease-log.ts'

// A log of a million facts, 20,000 leases that are over: opened, read, and folded into rows. `node test/bench/rebuild.ts`

const LEASES = { leases: 20_000, ticks: 19, over: true }
const ROUNDS = 3
/** What a follower reads at once. */
const PAGE = 1_000
const ROWS_LIMIT_MS = 600_000

type Run = { readonly ms: number; readonly cpuMs: number }

const timed = async (work: () => Promise<unknown>): Promise<Run> => {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await work()
  const ms = performance.now() - begin
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuMs: (user + system) / 1_000 }
}

const folder = mkdtempSync(join(tmpdir(), 'zennet-bench-'))
const path = join(folder, 'journal.sqlite')

const open = async (): Promise<void> => {
  const journal = await openSqliteJournal({ path })
  await journal.head()
  await journal.close()
}

const readAll = async (): Promise<void> => {
  const journal = await openSqliteJournal({ path })
  for (let at = 0; ; ) {
    const facts = await journal.readAll(at, undefined, PAGE)
    if (facts.length === 0) break
    at = facts.at(-1)!.position
  }
  await journal.close()
}

const rebuild = async (): Promise<void> => {
  const rows = join(folder, 'rows.sqlite')
  const journal = await openSqliteJournal({ path })
  const projector = await openProjector({ path: rows, journal, tables: [leases], clock: systemClock })
  await projector.waitFor(await journal.head(), ROWS_LIMIT_MS)
  await projector.close()
  await journal.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${rows}${suffix}`, { force: true })
}

try {
  const journal = await openSqliteJournal({ path })
  const facts = await writeLeases(journal, LEASES)
  await journal.close()
  const works: readonly (readonly [what: string, work: () => Promise<void>])[] = [
    ['open, and ask for the head', open],
    ['read all, decoded', readAll],
    ['rebuild of the table `leases`, its indexes too', rebuild],
  ]
  const runs = works.map((): Run[] => [])
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, [, work]] of works.entries()) runs[i]!.push(await timed(work))
  const lines = works.map(([what], i) => {
    const { ms, cpuMs } = runs[i]!.sort((a, b) => a.ms - b.ms)[ROUNDS >> 1]!
    const rate = i === 0 ? '' : Math.round((facts * 1_000) / ms)
    return `| ${what} | ${ms.toFixed(ms < 100 ? 1 : 0)} | ${cpuMs.toFixed(cpuMs < 100 ? 1 : 0)} | ${rate} |`
  })
  console.log(`| a log of ${facts} facts | ms | CPU ms | facts/s |\n|---|---|---|---|\n${lines.join('\n')}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
