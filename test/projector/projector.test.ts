import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RowsOf, Table } from '../../projections/table.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import type { AnyTable, Listed, Projector, Query } from '../../src/projector/port.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { faultOf } from '../contracts/journal.ts'
import { hastyClock } from '../process/stepped-clock.ts'
import { type PurseFact, type PurseRow, purses } from './purses.ts'

const WAIT_MS = 30_000
/** So often a process is killed in the middle of its log. */
const KILLED_HALFWAY = 15

const append = async (journal: Journal, stream: string, ...facts: PurseFact[]): Promise<number> =>
  journal.transact([{ stream, expected: (await journal.read(stream)).length, facts }])

const moved = (sats: bigint): PurseFact => ({ type: 'purse.moved', at: 1, sats })
const named = (owner: string): PurseFact => ({ type: 'purse.named', at: 1, owner })
const burnt: PurseFact = { type: 'purse.burnt', at: 1 }

/** The rows by the book: one fold over everything, in memory. */
const foldAll = async (journal: Journal): Promise<Map<string, PurseRow>> => {
  const all = new Map<string, PurseRow>()
  const rows: RowsOf<PurseRow> = {
    get: (id) => all.get(id),
    put: (id, row) => void all.set(id, row),
    delete: (id) => void all.delete(id),
  }
  const types: readonly string[] = purses.types
  for (let page = await journal.readAll(0); page.length > 0; page = await journal.readAll(page.at(-1)!.position)) {
    for (const recorded of page) {
      if (types.includes(recorded.fact.type)) purses.fold({ ...recorded, fact: recorded.fact as PurseFact }, rows)
    }
  }
  return all
}

const rowsIn = (projector: Projector): Map<string, PurseRow> =>
  new Map(projector.query(purses, { orderBy: 'id', limit: 1_000 }).map(({ id, row }) => [id, row]))

const faultIn = (work: () => unknown): Promise<string> => faultOf((async () => work())())

describe('projector', () => {
  let folder: string
  let path: string
  const opened: Projector[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-projector-'))
    path = join(folder, 'rows.db')
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((projector) => projector.close()))
    await rm(folder, { recursive: true, force: true })
  })

  const open = async (journal: Journal, tables: readonly AnyTable[] = [purses], more = {}): Promise<Projector> => {
    const projector = await openProjector({ path, journal, tables, clock: systemClock, ...more })
    opened.push(projector)
    return projector
  }

  it('folds what was and what comes, and tells when', async () => {
    const journal = memoryJournal()
    await append(journal, 'a', moved(5n), named('ann'))
    const projector = await open(journal)
    await projector.waitFor(2, WAIT_MS)
    expect(projector.byId(purses, 'a')).toEqual({ sats: 5n, owner: 'ann', moves: 1, seen: [1, 2] })
    const position = await append(journal, 'a', moved(-1n))
    await projector.waitFor(position, WAIT_MS)
    expect(projector.byId(purses, 'a')?.sats).toBe(4n)
    await projector.waitFor(await append(journal, 'a', burnt), WAIT_MS)
    expect(projector.byId(purses, 'a')).toBeUndefined()
    expect([projector.position(), projector.position('purses')]).toEqual([4, 4])
  })

  it('moves on past facts that no table folds', async () => {
    const journal = memoryJournal()
    const projector = await open(journal)
    await journal.transact([{ stream: 'x', expected: 0, facts: [{ type: 'other.kind', at: 1 }] }])
    await projector.waitFor(1, WAIT_MS)
    expect(projector.count(purses)).toBe(0)
  })

  it('says when rows are too far behind, stopped, or closed', async () => {
    const journal = memoryJournal()
    const bad: Table<number> = { ...purses, name: 'bad', columns: {}, fold: () => void JSON.parse('{') }
    const told: string[] = []
    const hasty = { clock: hastyClock().clock, onStopped: (table: string) => void told.push(table) }
    const projector = await open(journal, [purses, bad], hasty)
    expect(await faultOf(projector.waitFor(1, 10))).toBe('projector.behind')
    const position = await append(journal, 'a', moved(1n))
    const late = await open(journal, [bad], { path: join(folder, 'late.db'), onStopped: hasty.onStopped })
    expect(await faultOf(late.waitFor(position, WAIT_MS))).toBe('projector.stopped')
    expect(told).toContain('bad')
    await projector.close()
    expect(await faultOf(projector.waitFor(1, 1))).toBe('projector.closed')
    expect(await faultIn(() => projector.byId(purses, 'a'))).toBe('projector.closed')
  })

  it('refuses queries that are not about its columns, or too large', async () => {
    const journal = memoryJournal()
    const projector = await open(journal)
    await append(journal, 'a', moved(1n))
    await projector.waitFor(1, WAIT_MS)
    const ask = (query: object) => faultIn(() => projector.query(purses, query as Query<'moves'>))
    expect(await ask({ orderBy: 'sats', limit: 1 })).toBe('projector.bad-query')
    expect(await ask({ orderBy: 'id" --', limit: 1 })).toBe('projector.bad-query')
    expect(await ask({ orderBy: 'id', limit: 1, where: { nothing: 1 } })).toBe('projector.bad-query')
    for (const limit of [0, 1_001, 1.5]) expect(await ask({ orderBy: 'id', limit })).toBe('projector.bad-query')
    expect(await faultIn(() => projector.byId({ ...purses, name: 'nobody' }, 'a'))).toBe('projector.unknown-table')
  })

  it('filters and counts', async () => {
    const journal = memoryJournal()
    const projector = await open(journal)
    await append(journal, 'a', moved(500n), named('ann'))
    await append(journal, 'b', moved(1n), moved(1n), named('bob'))
    await append(journal, 'c', moved(1n), moved(1n), moved(1n))
    await projector.waitFor(await journal.head(), WAIT_MS)
    const ids = (where: Query<'moves' | 'owner' | 'rich'>['where'] & {}) => {
      const found = projector.query(purses, { where, orderBy: 'id', limit: 10 }).map(({ id }) => id)
      expect(projector.count(purses, where)).toBe(found.length)
      return found.join('')
    }
    expect(ids({})).toBe('abc')
    expect(ids({ owner: 'ann' })).toBe('a')
    expect(ids({ owner: null })).toBe('c')
    expect(ids({ owner: { in: ['ann', 'bob', 'eve'] } })).toBe('ab')
    expect(ids({ owner: { in: [] } })).toBe('')
    expect(ids({ moves: { gt: 1 } })).toBe('bc')
    expect(ids({ moves: { gte: 1, lt: 3 }, rich: false })).toBe('b')
    expect(ids({ rich: true })).toBe('a')
    expect(ids({ id: { lte: 'b' }, position: { gt: 2 } })).toBe('b')
  })

  it('gives pages that hold each row once, in either direction, with nulls and equal keys', async () => {
    const journal = memoryJournal()
    const projector = await open(journal)
    for (let i = 0; i < 60; i++) {
      const facts = Array.from({ length: 1 + (i % 4) }, () => moved(1n))
      await append(journal, `p-${i}`, ...facts, ...(i % 3 ? [named(`owner-${i % 5}`)] : []))
    }
    await projector.waitFor(await journal.head(), WAIT_MS)
    for (const orderBy of ['moves', 'owner', 'rich', 'id', 'position'] as const) {
      for (const descending of [false, true]) {
        const whole = projector.query(purses, { orderBy, descending, limit: 1_000 })
        expect(whole).toHaveLength(60)
        const paged: Listed<PurseRow>[] = []
        for (;;) {
          const last = paged.at(-1)
          const after = last && ([last.sort, last.id] as const)
          const page = projector.query(purses, { orderBy, descending, limit: 7, ...(after ? { after } : {}) })
          paged.push(...page)
          if (page.length < 7) break
        }
        expect(paged).toEqual(whole)
      }
    }
  })

  it('builds a changed table anew beside the old rows, never showing half of it', async () => {
    const journal = memoryJournal()
    for (let i = 0; i < 40; i++) await append(journal, `p-${i}`, moved(1n))
    const first = await open(journal)
    await first.waitFor(40, WAIT_MS)
    await first.close()

    const doubled: Table<PurseRow, PurseFact, typeof purses.columns> = {
      ...purses,
      version: 2,
      fold: (recorded, rows) =>
        purses.fold({ ...recorded, fact: { ...recorded.fact, sats: 2n * (recorded.fact.sats ?? 0n) } }, rows),
    }
    const second = await open(journal, [doubled], { batchFacts: 3 })
    const sums = new Set<bigint>()
    const sumNow = () =>
      second.query(doubled, { orderBy: 'id', limit: 1_000 }).reduce((sum, { row }) => sum + row.sats, 0n)
    sums.add(sumNow())
    while (!sums.has(80n)) {
      sums.add(sumNow())
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect([...sums]).toEqual([40n, 80n])
    await second.waitFor(40, WAIT_MS)
    await second.close()

    const other = { ...doubled, columns: { moves: purses.columns.moves, sats: (row: PurseRow) => Number(row.sats) } }
    const third = await open(journal, [other])
    // The old rows go on with the columns that they have.
    expect(third.count(other, { moves: 1 })).toBe(40)
    expect(await faultIn(() => third.count(other, { sats: 1 }))).toBe('projector.rebuilding')
    expect(await faultIn(() => third.query(other, { orderBy: 'sats', limit: 1 }))).toBe('projector.rebuilding')
    expect(third.states()).toMatchObject([{ readable: true, outdated: true, position: 40, building: { began: 0 } }])
    await third.waitFor(await append(journal, 'p-0', moved(4n)), WAIT_MS)
    expect(third.count(other, { sats: 2 })).toBe(39)
    expect(third.states()).toEqual([{ name: 'purses', version: 2, position: 41, readable: true, outdated: false }])
  })

  it('folds again when its rows are of another, longer log', async () => {
    const longer = memoryJournal()
    await append(longer, 'a', moved(1n), moved(1n), moved(1n))
    const first = await open(longer)
    await first.waitFor(3, WAIT_MS)
    await first.close()
    const shorter = memoryJournal()
    await append(shorter, 'b', moved(7n))
    const second = await open(shorter)
    await second.waitFor(1, WAIT_MS)
    expect(rowsIn(second)).toEqual(await foldAll(shorter))
  })

  it('does not touch a foreign file', async () => {
    await writeFile(path, 'hello, this is a letter and not a database')
    expect(await faultOf(open(memoryJournal()))).toBe('projector.foreign-file')
    expect(await readFile(path, 'utf8')).toContain('letter')
  })

  it('has the rows of one whole fold, whatever the batches and restarts', async () => {
    const fact = fc.oneof(
      { weight: 6, arbitrary: fc.bigInt(-50n, 200n).map(moved) },
      { weight: 2, arbitrary: fc.constantFrom('ann', 'bob', 'é').map(named) },
      { weight: 1, arbitrary: fc.constant(burnt) },
    )
    const life = fc.record({
      batchFacts: fc.integer({ min: 1, max: 40 }),
      before: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fact), { maxLength: 40 }),
      during: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fact), { maxLength: 20 }),
      patient: fc.boolean(),
    })
    let number = 0
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), async (lives) => {
        const journal = memoryJournal()
        const own = join(folder, `life-${number++}.db`)
        for (const { batchFacts, before, during, patient } of lives) {
          for (const [stream, one] of before) await append(journal, stream, one)
          const projector = await open(journal, [purses], { path: own, batchFacts })
          for (const [stream, one] of during) await append(journal, stream, one)
          if (patient) await projector.waitFor(await journal.head(), WAIT_MS)
          await projector.close()
        }
        const last = await open(journal, [purses], { path: own })
        await last.waitFor(await journal.head(), WAIT_MS)
        expect(rowsIn(last)).toEqual(await foldAll(journal))
        await last.close()
      }),
      { numRuns: 40 },
    )
  })

  it('has the rows of one whole fold after it was killed while it folded', async () => {
    const log = join(folder, 'journal.db')
    const journal = await openSqliteJournal({ path: log })
    const write = Array.from({ length: 8 }, (_, i) => {
      const facts = Array.from({ length: 5_000 }, (_, n) => (n % 10 ? moved(BigInt(n)) : named(`o-${n}`)))
      return journal.transact([{ stream: `p-${i}`, expected: 0, facts }])
    })
    await Promise.all(write)
    const node = join(import.meta.dirname, '../../node_modules/.bin/node')
    let killedHalfway = 0
    for (let round = 0; killedHalfway < KILLED_HALFWAY; round++) {
      const child = spawn(node, [join(import.meta.dirname, 'fold-for-ever.ts'), log, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdout.once('data', () => child.kill('SIGKILL'))
      await ended
      const db = new DatabaseSync(path)
      const { position } = db.prepare('SELECT position FROM builds').get() as { position: number }
      db.close()
      if (position > 0 && position < 40_000) killedHalfway++
      // It got to the end: from the beginning again.
      else for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true })
      expect(round).toBeLessThan(10 * KILLED_HALFWAY)
    }
    const projector = await open(journal)
    await projector.waitFor(40_000, WAIT_MS)
    expect(rowsIn(projector)).toEqual(await foldAll(journal))
    await projector.close()
    await journal.close()
  }, 300_000)
})
