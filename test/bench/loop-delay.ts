import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'

// How long the main loop is held up while 64 writers append, and while the whole log is read: inline, and in a thread.
// The folder for the files may be named as an argument.

const SECONDS = 3
const WRITERS = 64
const NS_PER_MS = 1e6

const metered = (tick: number) => ({ type: 'lease.metered', at: tick, tick, note: 'x'.repeat(150) })

const delayed = async (work: () => Promise<number>) => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const begin = performance.now()
  const count = await work()
  const perSecond = (count * 1_000) / (performance.now() - begin)
  delay.disable()
  return [
    perSecond.toFixed(0),
    ...[50, 99, 100].map((p) => Math.max(0, delay.percentile(p) / NS_PER_MS - 1).toFixed(1)),
  ]
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'zennet-bench-'))
const lines = ['| journal | work | facts/s | loop delay p50 ms | p99 | worst |', '|---|---|---|---|---|---|']
try {
  for (const worker of [false, true, false, true]) {
    const journal = await openSqliteJournal({ path: join(folder, `${lines.length}.db`), worker })
    const name = worker ? 'in a thread' : 'inline'
    const appended = await delayed(async () => {
      const until = performance.now() + SECONDS * 1_000
      let count = 0
      const write = async (writer: number): Promise<void> => {
        for (let version = 0; performance.now() < until; version++) {
          await journal.transact([{ stream: `lease-${writer}`, expected: version, facts: [metered(version)] }])
          count += 1
        }
      }
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
      return count
    })
    lines.push(`| ${name} | append | ${appended.join(' | ')} |`)
    const read = await delayed(async () => {
      let at = 0
      for (;;) {
        const facts = await journal.readAll(at)
        if (facts.length === 0) return at
        at = facts.at(-1)!.position
      }
    })
    lines.push(`| ${name} | read all | ${read.join(' | ')} |`)
    await journal.close()
  }
  console.log(lines.join('\n'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
