import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leaseStream } from '../../domain/ids.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { leaseIdNumber, metered } from '../projections/lease-history.ts'
import { type LeasesInLog, writeLeases } from './lease-log.ts'
import type { TakenUp } from './take-up.ts'

// A hundred thousand leases that go on, known to one process: what each holds of it, and how long a start takes. Facts are not sealed
// here: a key for each lease would be a sync of the disk for each. `node test/bench/leases-known.ts`

const LEASES: LeasesInLog = { leases: 100_000, ticks: 1, over: false }
/** Facts of a tick that come between two starts, one of which is killed. */
const NEW_FACTS = 50_000
const ROUNDS = 3

const program = fileURLToPath(new URL('./take-up.ts', import.meta.url))

/** @param end how the process ends when it has told */
const takeUp = (folder: string, end: 'close' | 'kill'): TakenUp => {
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', program, folder, end], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(stdout) as TakenUp
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`

const folder = mkdtempSync(join(tmpdir(), 'zennet-bench-'))
const [none, known] = [join(folder, 'none'), join(folder, 'known')]
for (const each of [none, known]) mkdirSync(each)
try {
  const journal = await openSqliteJournal({ path: join(known, 'journal.sqlite') })
  const facts = await writeLeases(journal, LEASES)
  await journal.close()
  takeUp(none, 'close')
  const first = takeUp(known, 'close')
  if (first.known !== LEASES.leases) throw new Error(`${first.known} leases are known`)
  const starts = Array.from({ length: ROUNDS }, () => [takeUp(none, 'close'), takeUp(known, 'close')] as const)
  const more = await openSqliteJournal({ path: join(known, 'journal.sqlite') })
  for (let n = 0; n < NEW_FACTS; n += 1_000) {
    const appends = Array.from({ length: 1_000 }, (_, i) => {
      const leaseId = leaseIdNumber(n + i)
      return { stream: leaseStream(leaseId), expected: 10, facts: [metered(leaseId, 2)] }
    })
    await more.transact(appends)
  }
  await more.close()
  takeUp(known, 'kill')
  const killed = takeUp(known, 'close')
  const each = (bytes: (taken: TakenUp) => number): string =>
    String(Math.round(middle(starts.map(([without, having]) => bytes(having) - bytes(without))) / LEASES.leases))
  const lines = [
    ['resident, bytes a lease (1)', each(({ rssCollected }) => rssCollected)],
    ['the same before any collection', each(({ rss }) => rss)],
    ['heap, bytes a lease', each(({ heapCollected }) => heapCollected)],
    ['restart until ready', seconds(middle(starts.map(([, { readyMs }]) => readyMs)))],
    ['of it, the program loaded', seconds(middle(starts.map(([, { loadedMs }]) => loadedMs)))],
    [`restart after ${NEW_FACTS} more facts and a kill`, seconds(killed.readyMs)],
    [`first start, all ${facts} facts folded into all tables`, seconds(first.readyMs)],
  ]
  console.log(
    `| ${LEASES.leases} leases known | |\n|---|---|\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}`,
  )
  console.log('\n(1) RSS, less that of the same process without leases, both after a collection that gives memory back')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
