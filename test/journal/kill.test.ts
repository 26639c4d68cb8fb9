import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, Recorded } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { checkJournalFile } from '../../src/journal/sqlite-check.ts'
import { followUntil } from '../contracts/journal.ts'

const ROUNDS = 100
const MOVING_ROUNDS = 20
const CUTS = 60
const LIMIT_MS = 300_000

const node = join(import.meta.dirname, '../../node_modules/.bin/node')
const program = (name: string, ...args: readonly string[]) =>
  spawn(node, [join(import.meta.dirname, name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] })

/** Numbers that look random and are the same in each run (Lehmer, 1951). */
const dice = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** Tells a waiting program to begin, kills it after so many whole lines, and gives all whole lines that it printed. */
const killedAfter = async (child: ChildProcess, count: number): Promise<string[]> => {
  const lines: string[] = []
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.stdin!.write('go\n')
  if (count === 0) child.kill('SIGKILL')
  for await (const line of createInterface({ input: child.stdout! })) {
    // The last line may be torn by the kill: it has no end mark.
    if (line.endsWith(' .')) lines.push(line)
    if (lines.length === count) child.kill('SIGKILL')
  }
  await ended
  return lines
}

const factsAfter = async (journal: Journal, after: number): Promise<Recorded[]> => {
  const seen = await followUntil(journal, after, (all) => all.at(-1)?.kind === 'caught-up')
  return seen.flatMap((one) => (one.kind === 'fact' ? [one.recorded] : []))
}

const gapless = (recorded: readonly Recorded[], after: number): void =>
  expect(recorded.map((one) => one.position)).toEqual(Array.from(recorded, (_, i) => after + i + 1))

describe('a journal whose process is killed', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-killed-'))
    path = join(folder, 'journal.db')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it(
    `has every acknowledged fact and no half of a unit, ${ROUNDS} times, inline and in a thread`,
    async () => {
      const start = (round: number) =>
        program('append-for-ever.ts', path, String(round), 'wait', ...(round % 2 ? ['thread'] : []))
      const roll = dice(7)
      let next = start(0)
      let verified = 0
      let acknowledged = 0
      try {
        for (let round = 0; round < ROUNDS; round++) {
          const child = next
          const lines = await killedAfter(child, round % 20 === 0 ? 0 : 1 + roll(150))
          next = start(round + 1)
          acknowledged += lines.length

          const journal = await openSqliteJournal({ path, worker: round % 3 === 0 })
          const recorded = await factsAfter(journal, verified)
          gapless(recorded, verified)
          for (const line of lines) {
            const [position, stream] = line.split(' ')
            expect(recorded[Number(position) - verified - 1]?.stream).toBe(stream)
          }
          // Each unit writes one fact to each of two streams.
          const sizes = Map.groupBy(recorded, ({ commandId }) => commandId)
          for (const unit of sizes.values()) expect(unit).toHaveLength(2)
          verified = await journal.head()
          expect(verified).toBe(recorded.at(-1)?.position ?? verified)
          await journal.close()
        }
      } finally {
        next.kill('SIGKILL')
      }
      expect(acknowledged).toBeGreaterThan(ROUNDS)
      const journal = await openSqliteJournal({ path })
      const all = await factsAfter(journal, 0)
      gapless(all, 0)
      expect(all).toHaveLength(verified)
      await journal.close()
    },
    LIMIT_MS,
  )

  it(
    `has every fact once when streams were on their way to the archive or back, ${MOVING_ROUNDS} times, inline and in a thread`,
    async () => {
      const start = (round: number) =>
        program('archive-for-ever.ts', path, String(round), round % 2 ? 'thread' : 'inline')
      const roll = dice(11)
      let next = start(0)
      let verified = 0
      try {
        for (let round = 0; round < MOVING_ROUNDS; round++) {
          const child = next
          const count = 1 + roll(4)
          const delay = roll(25)
          const killing = killedAfter(child, count + 1)
          // Somewhere among the moves behind the last line that is waited for; when it is too late, the next line ends it.
          const timer = setTimeout(() => child.kill('SIGKILL'), 60 + delay * count)
          const lines = await killing
          clearTimeout(timer)
          next = start(round + 1)

          const journal = await openSqliteJournal({ path })
          const recorded = await factsAfter(journal, verified)
          gapless(recorded, verified)
          expect(recorded.length + verified).toBeGreaterThanOrEqual(Number(lines.at(-1)?.split(' ')[0] ?? 0))
          for (const [stream, own] of Map.groupBy(recorded, (one) => one.stream)) {
            expect(own.map(({ version }) => version)).toEqual(Array.from(own, (_, i) => i + 1))
            expect(await journal.read(stream)).toEqual(own)
            const { state } = await journal.describe(stream)
            if (state === 'archived') expect(await journal.restore([stream])).toBe(1)
          }
          expect(await factsAfter(journal, verified)).toEqual(recorded)
          verified = await journal.head()
          await journal.close()
        }
      } finally {
        next.kill('SIGKILL')
      }
    },
    LIMIT_MS,
  )

  it(
    'is whole when two processes append to it and move streams, their own and the same ones, until they are killed',
    async () => {
      const journal = await openSqliteJournal({ path })
      const named = ['shared-1', 'shared-2', 'shared-3']
      const facts = [1, 2, 3].map((at) => ({ type: 'test.noted', at }))
      for (const stream of named) await journal.transact([{ stream, expected: 0, facts }])
      const begun = await journal.head()
      const movers = ['inline', 'thread'].map((mode, i) =>
        program('archive-for-ever.ts', path, String(i), mode, ...named),
      )
      const appender = program('append-for-ever.ts', path, '2', 'wait')
      const [one, two, three] = await Promise.all([
        ...movers.map((mover) => killedAfter(mover, 12)),
        killedAfter(appender, 400),
      ])
      // None of them ended by itself, with a fault.
      expect([one?.length, two?.length]).toEqual([12, 12])
      const recorded = await factsAfter(journal, 0)
      gapless(recorded, 0)
      for (const line of three ?? []) {
        const [position, stream] = line.split(' ')
        expect(recorded[Number(position) - 1]?.stream).toBe(stream)
      }
      for (const lines of [one, two])
        expect(recorded.length).toBeGreaterThanOrEqual(Number(lines?.at(-1)?.split(' ')[0]))
      const streams = Map.groupBy(recorded, (fact) => fact.stream)
      expect(streams.size).toBe(named.length + 2 * 8 + 2 * 16)
      for (const [stream, own] of streams) {
        expect(own.map(({ version }) => version)).toEqual(Array.from(own, (_, i) => i + 1))
        expect(await journal.read(stream)).toEqual(own)
        await journal.restore([stream])
      }
      expect(recorded.slice(0, begun).map(({ stream }) => stream)).toEqual(named.flatMap((name) => [name, name, name]))
      expect(await factsAfter(journal, 0)).toEqual(recorded)
      await journal.close()
      expect(checkJournalFile(path)).toMatchObject({ facts: recorded.length, lost: [], damages: [] })
    },
    LIMIT_MS,
  )

  it(
    `opens with a torn write-ahead log as a clean prefix, ${CUTS} times inline and ${CUTS} in a thread`,
    async () => {
      const journal = await openSqliteJournal({ path })
      const ends: number[] = []
      for (let i = 0; i < 30; i++) {
        const facts = [1, 2, 3].map((n) => ({ type: 'test.noted', at: i * 3 + n, pad: 'x'.repeat(i * 40) }))
        await journal.transact([{ stream: 's', expected: i * 3, facts }])
        ends.push((await readFile(`${path}-wal`)).length)
      }
      const [main, wal] = await Promise.all([readFile(path), readFile(`${path}-wal`)])
      await journal.close()
      const roll = dice(13)
      const frame = 4_096 + 24
      const edges = [0, 1, 31, 32, 33, 32 + frame, 31 + frame, wal.length - 1, wal.length]
      for (let round = 0; round < 2 * CUTS; round++) {
        // Each edge is met in both modes.
        const cut = edges[Math.floor(round / 2)] ?? roll(wal.length + 1)
        const copy = join(folder, `cut-${round}.db`)
        const tail = Buffer.alloc(roll(3) * roll(6_000), roll(256))
        await writeFile(copy, main)
        await writeFile(`${copy}-wal`, Buffer.concat([wal.subarray(0, cut), tail]))
        const opened = await openSqliteJournal({ path: copy, worker: round % 2 === 1 })
        const found = (await opened.read('s')).map((r) => r.fact.at)
        expect(found).toEqual(Array.from(found, (_, i) => i + 1))
        // Exactly the units whose last byte is before the cut.
        expect(found).toHaveLength(3 * ends.filter((end) => end <= cut).length)
        expect(await opened.transact([{ stream: 's', expected: found.length, facts: [{ type: 'a.b', at: 1 }] }])).toBe(
          found.length + 1,
        )
        await opened.close()
      }
    },
    LIMIT_MS,
  )
})
