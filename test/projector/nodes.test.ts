import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock/system.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openProjector } from '../../src/projector/projector.ts'
import type { PurseFact } from './purses.ts'
import { purses } from './purses.ts'

const node = join(import.meta.dirname, '../../node_modules/.bin/node')
const program = join(import.meta.dirname, 'fold-to.ts')
const STREAMS = 50
const FACTS = 40

const fact = (i: number): PurseFact =>
  i % 7 === 3
    ? { type: 'purse.named', at: i, owner: `owner-${i % 5}` }
    : { type: 'purse.moved', at: i, sats: BigInt(i) }

const fill = async (journal: Journal, round: number): Promise<void> => {
  const write = async (stream: number): Promise<void> => {
    for (let i = 0; i < FACTS; i += 10) {
      const facts = Array.from({ length: 10 }, (_, n) => fact(i + n))
      await journal.transact([{ stream: `p-${stream}`, expected: round * FACTS + i, facts }])
    }
  }
  await Promise.all(Array.from({ length: STREAMS }, (_, stream) => write(stream)))
}

describe('projectors of several nodes', () => {
  let folder: string
  let log: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-nodes-'))
    log = join(folder, 'journal.db')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('have the same rows of one log, each in its own file, while it is written', async () => {
    const journal = await openSqliteJournal({ path: log })
    await fill(journal, 0)
    const total = 2 * STREAMS * FACTS
    const nodes = ['a', 'b'].map((name) =>
      spawn(node, [program, log, join(folder, name), `${total}`], { stdio: ['ignore', 'pipe', 'inherit'] }),
    )
    const said = nodes.map(async (child) => {
      const lines: string[] = []
      for await (const line of createInterface({ input: child.stdout })) lines.push(line)
      return lines
    })
    await fill(journal, 1)
    const [a, b] = await Promise.all(said)
    expect(a).toHaveLength(1)
    expect(a![0]).toMatch(new RegExp(`^rows ${STREAMS} `))
    expect(b).toEqual(a)
    await journal.close()
  })

  it('do not fold into one file: the second is told, and nothing is folded twice', async () => {
    const journal = await openSqliteJournal({ path: log })
    const path = join(folder, 'rows.db')
    const codes: string[] = []
    const open = () =>
      openProjector({
        path,
        journal,
        tables: [purses],
        clock: systemClock,
        onStopped: (_, cause) => void codes.push((cause as { code: string }).code),
      })
    const [first, second] = [await open(), await open()]
    await fill(journal, 0)
    const total = STREAMS * FACTS
    const reached = await Promise.allSettled([first, second].map((one) => one.waitFor(total, 30_000)))
    expect(reached.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(codes).toEqual(['projector.shared-file'])
    const moves = first.query(purses, { orderBy: 'id', limit: 1_000 }).reduce((sum, { row }) => sum + row.moves, 0)
    const named = Array.from({ length: FACTS }, (_, i) => fact(i)).filter(({ type }) => type === 'purse.named').length
    expect(moves).toBe(STREAMS * (FACTS - named))
    await first.close()
    await second.close()
    await journal.close()
  })

  it('stop when the file cannot grow, and go on by themselves when there is room again', async () => {
    const journal = await openSqliteJournal({ path: log })
    await fill(journal, 0)
    // A limit on each file of the child; without the signal, writing past it is an error like a full disk's.
    const script = `trap '' XFSZ; ulimit -S -f 64; exec "$0" "$@"`
    const total = STREAMS * FACTS
    const child = spawn('bash', ['-c', script, node, program, log, join(folder, 'rows.db'), `${total}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line)
      if (line.startsWith('stopped')) execFileSync('prlimit', ['--pid', `${child.pid}`, '--fsize=unlimited'])
    }
    expect(lines[0]).toMatch(/^stopped purses projector\.(disk-full|failed)$/)
    expect(lines.at(-1)).toMatch(new RegExp(`^rows ${STREAMS} `))
    await journal.close()
  }, 120_000)
})
