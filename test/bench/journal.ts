import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from '../../domain/codec.ts'
import type { Fact } from '../../domain/fact.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openBareFile } from './bare-file.ts'

// Durable appends to the journal, beside a bare file with the same group commit: how much of the disk's own speed is left.
// The folder for the files may be named as an argument: `node test/bench/journal.ts /var/tmp`.

const SECONDS = 3
const ROUNDS = 3

/** One way to make a fact durable. */
type Log = { append(writer: number, version: number, fact: Fact): Promise<unknown>; close(): Promise<void> }

const journalLog = async (path: string): Promise<Log> => {
  const journal = await openSqliteJournal({ path })
  return {
    append: (writer, version, fact) =>
      journal.transact([{ stream: `lease-${writer}`, expected: version, facts: [fact] }]),
    close: () => journal.close(),
  }
}

const bareLog = async (path: string): Promise<Log> => {
  const file = await openBareFile(path)
  return { append: (_writer, _version, fact) => file.append(`${encode(fact)}\n`), close: () => file.close() }
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

const run = async (open: (path: string) => Promise<Log>, path: string, writers: number) => {
  const log = await open(path)
  const until = performance.now() + SECONDS * 1_000
  const latenciesMs: number[] = []
  const write = async (writer: number): Promise<void> => {
    for (let version = 0; performance.now() < until; version++) {
      const before = performance.now()
      await log.append(writer, version, metered(version))
      latenciesMs.push(performance.now() - before)
    }
  }
  const begin = performance.now()
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
  const perSecond = (latenciesMs.length * 1_000) / (performance.now() - begin)
  await log.close()
  latenciesMs.sort((a, b) => a - b)
  const at = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)]!
  return { perSecond, p50: at(0.5), p99: at(0.99) }
}

/** The middle round, by speed. */
const median = async (open: (path: string) => Promise<Log>, folder: string, writers: number) => {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await run(open, join(folder, `${rounds.length}`), writers))
  for (let round = 0; round < ROUNDS; round++) rmSync(join(folder, `${round}`))
  return rounds.sort((a, b) => a.perSecond - b.perSecond)[ROUNDS >> 1]!
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'zennet-bench-'))
try {
  const lines = ['| durable log | writers | facts/s | p50 ms | p99 ms |', '|---|---|---|---|---|']
  for (const writers of [1, 64]) {
    for (const [name, open] of [
      ['journal (SQLite)', journalLog],
      ['bare file + fdatasync', bareLog],
    ] as const) {
      const { perSecond, p50, p99 } = await median(open, folder, writers)
      lines.push(`| ${name} | ${writers} | ${Math.round(perSecond)} | ${p50.toFixed(3)} | ${p99.toFixed(3)} |`)
    }
  }
  const bytes = Buffer.byteLength(encode(metered(1_000)))
  console.log(`${bytes}-byte facts, ${ROUNDS} rounds of ${SECONDS} s, the middle one\n\n${lines.join('\n')}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
