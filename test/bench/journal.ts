import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openBareFile } from './bare-file.ts'
import type { ComparedLog } from './compared-log.ts'
import { openEmmettPostgresql, openEmmettSqlite } from './peers/journal/emmett.ts'
import { openEventStorage } from './peers/journal/event-storage.ts'
import { openPostgres } from './peers/journal/postgres.ts'

// Durable appends of one fact each, here and at others, in turn. The folder for the files may be named, it must not be in memory:
// `node test/bench/journal.ts /var/tmp`. PostgreSQL takes part when Debian's package `postgresql` is installed.

const SECONDS = 3
const ROUNDS = 3

type Opener = (path: string) => Promise<ComparedLog>
type Run = { readonly perSecond: number; readonly p50: number; readonly p99: number; readonly cpuUs: number }

const openJournal: Opener = async (path) => {
  const journal = await openSqliteJournal({ path })
  return {
    append: (stream, expected, facts) => journal.transact([{ stream, expected, facts }]),
    close: () => journal.close(),
  }
}

/** About as large as a `lease.metered` of the real thing. */
const metered = (tick: number): Fact & Record<string, unknown> => ({
  type: 'lease.metered',
  at: 1_750_000_000_000 + tick,
  tick,
  usage: { wallUs: 1_000_000n * BigInt(tick), cpuUs: 731_204n, memByteSeconds: 536_870_912n, netRxBytes: 11_023n },
  owedMsat: 4_511_208n,
  note: 'x'.repeat(16),
})

const run = async (open: Opener, path: string, writers: number, round: number): Promise<Run> => {
  const log = await open(path)
  // Its files and caches are made before it is timed.
  await log.append(`warm-${writers}-${round}`, 0, [metered(0)])
  const until = performance.now() + SECONDS * 1_000
  const latenciesMs: number[] = []
  const write = async (writer: number): Promise<void> => {
    const stream = `lease-${writers}-${round}-${writer}`
    for (let version = 0; performance.now() < until; version++) {
      const before = performance.now()
      await log.append(stream, version, [metered(version)])
      latenciesMs.push(performance.now() - before)
    }
  }
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
  const perSecond = (latenciesMs.length * 1_000) / (performance.now() - begin)
  const { user, system } = process.cpuUsage(cpu)
  await log.close()
  const cpuUs = (user + system) / latenciesMs.length
  latenciesMs.sort((a, b) => a - b)
  const at = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)]!
  return { perSecond, p50: at(0.5), p99: at(0.99), cpuUs }
}

/** The middle round of each, by speed; the rounds of all take turns. */
const compare = async (openers: ReadonlyMap<string, Opener>, folder: string, writers: number) => {
  const runs = new Map<string, Run[]>([...openers.keys()].map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, open] of openers) {
      const path = mkdtempSync(join(folder, 'round-'))
      runs.get(name)!.push(await run(open, join(path, 'log'), writers, round))
      rmSync(path, { recursive: true })
    }
  }
  const medians = new Map<string, Run>()
  for (const [name, own] of runs) medians.set(name, own.sort((a, b) => a.perSecond - b.perSecond)[ROUNDS >> 1]!)
  return medians
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'zennet-bench-'))
const postgres = await openPostgres()
const JOURNAL = 'journal (SQLite)'
const openers = new Map<string, Opener>([
  [JOURNAL, openJournal],
  ['bare file, same group commit', openBareFile],
  ['node-event-storage 0.8, syncOnFlush', (path) => openEventStorage(path, true)],
  ['emmett-sqlite 0.42, one connection (1)', openEmmettSqlite],
])
if (postgres) openers.set('emmett-postgresql 0.42 (2)', () => openEmmettPostgresql(postgres.url))
try {
  const lines = [
    '| log | writers | facts/s | p50 ms | p99 ms | CPU us a fact | journal is |',
    '|---|---|---|---|---|---|---|',
  ]
  for (const writers of [1, 64]) {
    const medians = await compare(openers, folder, writers)
    const ours = medians.get(JOURNAL)!
    for (const [name, { perSecond, p50, p99, cpuUs }] of medians) {
      const ratio =
        name === JOURNAL ? '' : `${(ours.perSecond / perSecond).toFixed(2)} ×, p50 ${(ours.p50 / p50).toFixed(2)} ×`
      const numbers = [Math.round(perSecond), p50.toFixed(3), p99.toFixed(3), cpuUs.toFixed(1), ratio]
      lines.push(`| ${[name, writers, ...numbers].join(' | ')} |`)
    }
  }
  const bytes = Buffer.byteLength(encode(metered(1_000)))
  console.log(`${bytes}-byte facts, ${ROUNDS} rounds of ${SECONDS} s, the middle one\n\n${lines.join('\n')}`)
  console.log('\n(1) answers before it has committed. (2) CPU of the client alone.')
  if (!postgres) console.log('\nPostgreSQL is not installed: it took no part.')
} finally {
  await postgres?.close()
  rmSync(folder, { recursive: true, force: true })
}
