import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fact } from '../../domain/fact.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import type { ComparedLog } from './compared-log.ts'
import { writeLeases } from './lease-log.ts'
import { openEmmettSqlite } from './peers/journal/emmett.ts'
import { openEventStorage } from './peers/journal/event-storage.ts'

// The whole log read and decoded, bigints and all, here and at others that were given the same facts in the same order. Rounds take
// turns. `node test/bench/read-all.ts`

const LEASES = { leases: 4_000, ticks: 19, over: true }
/** emmett's consumer gets so many of the facts only: it takes 100 times as long for each. */
const EMMETT_FACTS = 20_000
const ROUNDS = 5
/** What a follower reads at once. */
const PAGE = 1_000
/** node-event-storage has a file for each stream, and no reading is faster than with few of them. */
const EVENT_STORAGE_STREAMS = 64

type Reader = { readonly name: string; readonly facts: number; readAll(take: (fact: Fact) => void): Promise<void> }

const readJournal = async (journal: Journal, take: (fact: Fact) => void): Promise<void> => {
  for (let at = 0; ; ) {
    const facts = await journal.readAll(at, undefined, PAGE)
    for (const { fact } of facts) take(fact)
    if (facts.length === 0) return
    at = facts.at(-1)!.position
  }
}

/** Copies the first `facts` of the journal into another log, over `streams` streams. */
const fill = async (journal: Journal, log: ComparedLog, facts: number, streams: number): Promise<void> => {
  const versions = new Map<string, number>()
  for (let at = 0; at < facts; at += PAGE) {
    const byStream = Map.groupBy(
      await journal.readAll(at, undefined, Math.min(PAGE, facts - at)),
      ({ position }) => `lease-${Math.floor(position / 20) % streams}`,
    )
    const appends = [...byStream].map(async ([stream, recorded]) => {
      const expected = versions.get(stream) ?? 0
      versions.set(stream, expected + recorded.length)
      await log.append(
        stream,
        expected,
        recorded.map(({ fact }) => fact),
      )
    })
    await Promise.all(appends)
  }
}

const measure = async ({ facts, readAll }: Reader) => {
  let taken = 0
  let lastAt = 0
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await readAll((fact) => {
    taken += 1
    lastAt = fact.at
  })
  const perSecond = (taken * 1_000) / (performance.now() - begin)
  const { user, system } = process.cpuUsage(cpu)
  if (taken !== facts || lastAt === 0) throw new Error(`read ${taken} of ${facts} facts`)
  return { perSecond, cpuUs: (user + system) / taken }
}

const folder = mkdtempSync(join(tmpdir(), 'zennet-bench-'))
try {
  const journal = await openSqliteJournal({ path: join(folder, 'journal.sqlite') })
  const facts = await writeLeases(journal, LEASES)
  const eventStorage = await openEventStorage(join(folder, 'event-storage'), false)
  await fill(journal, eventStorage, facts, EVENT_STORAGE_STREAMS)
  const emmett = await openEmmettSqlite(join(folder, 'emmett.sqlite'))
  await fill(journal, emmett, EMMETT_FACTS, EVENT_STORAGE_STREAMS)
  const readers: Reader[] = [
    { name: 'journal (SQLite)', facts, readAll: (take) => readJournal(journal, take) },
    { name: 'node-event-storage 0.8', facts, readAll: (take) => eventStorage.readAll!(facts, take) },
    {
      name: 'emmett-sqlite 0.42, consumer, batches of 10,000, no pause',
      facts: EMMETT_FACTS,
      readAll: (take) => emmett.readAll!(EMMETT_FACTS, take),
    },
  ]
  const runs = readers.map((): Awaited<ReturnType<typeof measure>>[] => [])
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, reader] of readers.entries()) runs[i]!.push(await measure(reader))
  const medians = runs.map((own) => own.sort((a, b) => a.perSecond - b.perSecond)[ROUNDS >> 1]!)
  const lines = ['| read and decoded | facts | facts/s | CPU us a fact | journal is |', '|---|---|---|---|---|']
  for (const [i, { name, facts: read }] of readers.entries()) {
    const { perSecond, cpuUs } = medians[i]!
    const byTime = (medians[0]!.perSecond / perSecond).toFixed(2)
    const byCpu = (cpuUs / medians[0]!.cpuUs).toFixed(2)
    const ratio = i === 0 ? '' : `${byTime} ×, by CPU ${byCpu} ×`
    lines.push(`| ${name} | ${read} | ${Math.round(perSecond)} | ${cpuUs.toFixed(2)} | ${ratio} |`)
  }
  console.log(lines.join('\n'))
  for (const log of [journal, eventStorage, emmett]) await log.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
