import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { effectId } from '../../domain/effect/effect.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { Processes } from '../../src/process/processes.ts'
import { askStep } from '../../src/process/steps.ts'
import { systemRandom } from '../../src/random/system.ts'
import { silent } from '../claim/silent.ts'

// node test/bench/effects.ts — what it costs to ask for an effect and have it done, when doing it costs nothing: one at a time, from
// asking to done in the log, and as fast as it goes when many wait.
const MANY = 10_000
const ONES = 500

const measure = async (name: string, journal: Journal): Promise<void> => {
  const streams = openStreams(journal)
  const ask = (n: number) =>
    streams.transact([askStep(Date.now(), { id: effectId(name, n), kind: 'work', subject: `${n}` })])
  const kinds = { work: { do: async () => undefined } }
  const parts = { journal, streams, kinds, clock: systemClock, random: systemRandom, log: silent }
  const done = async (count: number, after: number): Promise<void> => {
    const stop = new AbortController()
    let left = count
    for await (const followed of journal.follow(after, { types: ['effect.done'] }, stop.signal)) {
      if (followed.kind === 'fact') left -= 1
      if (left === 0) stop.abort()
    }
  }
  for (let n = 0; n < MANY; n += 500) await Promise.all(Array.from({ length: 500 }, (_, i) => ask(n + i)))
  const began = performance.now()
  const processes = new Processes({ ...parts, name })
  await done(MANY, 0)
  const perSecond = Math.round((MANY * 1_000) / (performance.now() - began))
  const tookMs: number[] = []
  for (let n = MANY; n < MANY + ONES; n++) {
    const from = performance.now()
    const over = done(1, await journal.head())
    await ask(n)
    await over
    tookMs.push(performance.now() - from)
  }
  await processes.close()
  await journal.close()
  tookMs.sort((a, b) => a - b)
  const at = (share: number): string => tookMs[Math.floor(ONES * share)]!.toFixed(2)
  console.log(`| ${name} | ${perSecond} | ${at(0.5)} | ${at(0.99)} |`)
}

const folder = mkdtempSync(join(tmpdir(), 'zennet-bench-'))
console.log('| journal | effects/s | p50 ms | p99 ms |\n| --- | --- | --- | --- |')
await measure('memory', memoryJournal())
await measure('SQLite', await openSqliteJournal({ path: join(folder, 'journal.sqlite') }))
rmSync(folder, { recursive: true })
