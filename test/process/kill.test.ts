import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { MAX_AT_ONCE } from '../../src/process/port.ts'

const LIMIT_MS = 300_000
const ROUNDS = 8
const node = join(import.meta.dirname, '../../node_modules/.bin/node')

describe('processes that are killed', { timeout: LIMIT_MS }, () => {
  let folder: string
  let journal: Journal
  const children: ChildProcess[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-effects-'))
    journal = await openSqliteJournal({ path: join(folder, 'journal.sqlite') })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await killed(child)
    await journal.close()
    await rm(folder, { recursive: true, force: true })
  })

  const killed = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  const start = (name: string, round: number, ...modes: readonly string[]): ChildProcess => {
    const files = ['journal.sqlite', 'done', `snapshots-${name}.sqlite`].map((file) => join(folder, file))
    const program = join(import.meta.dirname, 'effects-for-ever.ts')
    const child = spawn(node, [program, ...files, `${round}`, ...modes], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    return child
  }
  /** Resolves when the program has said so many lines that begin like this. */
  const said = async (child: ChildProcess, beginning: string, count = 1): Promise<void> => {
    let seen = 0
    for await (const line of createInterface({ input: child.stdout! }))
      if (line.startsWith(beginning) && ++seen === count) break
    child.stdout!.resume()
    if (seen < count) throw new Error(`the program ended before it said ${beginning} ${count} times`)
  }
  const idsOf = async (type: string): Promise<string[]> => {
    const ids: string[] = []
    for (let after = 0; ; ) {
      const page = await journal.readAll(after, { types: [type] })
      if (page.length === 0) return ids
      ids.push(...page.map(({ stream }) => stream.slice(stream.indexOf('-') + 1)))
      after = page.at(-1)!.position
    }
  }
  const doneAtAll = async (): Promise<string[]> => {
    const text = await readFile(join(folder, 'done'), 'utf8').catch(() => '')
    return text.split('\n').slice(0, -1)
  }
  const someDone = async (count: number): Promise<void> => {
    while ((await doneAtAll()).length < count) await delay(20)
  }
  /** Waits until everything that is asked for, and every timer, is over. */
  const settled = async (): Promise<void> => {
    const open = async (begun: string, over: string) => (await idsOf(begun)).length - (await idsOf(over)).length
    while ((await open('timer.set', 'timer.fired')) > 0 || (await open('effect.asked', 'effect.done')) > 0)
      await delay(100)
  }
  const timesDone = async (): Promise<Map<string, number>> => {
    const times = new Map<string, number>()
    for (const line of await doneAtAll()) {
      const [id = ''] = line.split(' ')
      times.set(id, (times.get(id) ?? 0) + 1)
    }
    return times
  }
  const check = async (kills: number): Promise<void> => {
    const times = await timesDone()
    const asked = await idsOf('effect.asked')
    expect(asked.length).toBeGreaterThan(kills * 20)
    expect(new Set(asked).size).toBe(asked.length)
    expect([...times.keys()].sort()).toEqual([...asked].sort())
    // Twice only what was being done when somebody was killed.
    const again = [...times.values()].reduce((sum, count) => sum + count - 1, 0)
    expect(again).toBeLessThanOrEqual(kills * MAX_AT_ONCE)
    const fired = await idsOf('timer.fired')
    expect(new Set(fired).size).toBe(fired.length)
    expect(fired.sort()).toEqual((await idsOf('timer.set')).sort())
  }

  it(`have done each effect, and fired each timer once, after ${ROUNDS} kills`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const before = (await doneAtAll()).length
      const child = start('one', round, 'sole')
      await said(child, 'asked', 20 + round * 13)
      await someDone(before + 5)
      await killed(child)
    }
    start('one', ROUNDS, 'sole', 'quiet')
    await settled()
    await check(ROUNDS)
  })

  it('of two on one log, one does it all, each once, until it is killed, and then the other', async () => {
    const first = start('one', 0)
    await said(first, 'has the claim')
    const second = start('two', 1)
    await said(second, 'asked', 60)
    await someDone(60)
    expect([...(await timesDone()).values()].filter((count) => count > 1)).toEqual([])
    await killed(first)
    await said(second, 'has the claim')
    await someDone((await doneAtAll()).length + 20)
    await killed(second)
    start('three', 2, 'quiet')
    await settled()
    await check(2)
    const workers = new Set((await doneAtAll()).map((line) => line.split(' ')[1]))
    expect(workers.size).toBeGreaterThanOrEqual(2)
  })
})
