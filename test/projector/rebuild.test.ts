import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import type { Table } from '../../projections/table.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import type { AnyTable, Projector } from '../../src/projector/port.ts'
import { openProjector } from '../../src/projector/projector.ts'
import { faultOf } from '../contracts/journal.ts'
import { type PurseFact, type PurseRow, purses } from './purses.ts'

const WAIT_MS = 30_000

const moved = (sats: bigint): PurseFact => ({ type: 'purse.moved', at: 1, sats })
const append = async (journal: Journal, stream: string, ...facts: PurseFact[]): Promise<number> =>
  journal.transact([{ stream, expected: (await journal.read(stream)).length, facts }])
const sumOf = (projector: Projector): bigint =>
  projector.query(purses, { orderBy: 'id', limit: 1_000 }).reduce((sum, { row }) => sum + row.sats, 0n)
const breathe = () => new Promise((resolve) => setImmediate(resolve))

/** Cannot fold 13 sats until it is mended. */
const superstitious = () => {
  const table: Table<PurseRow, PurseFact, typeof purses.columns> = {
    ...purses,
    name: 'superstitious',
    fold(recorded, rows) {
      rows.put('touched', { sats: 0n, moves: recorded.position, seen: [] })
      if (recorded.fact.sats === 13n && !own.mended) throw new Error('13 sats')
      purses.fold(recorded, rows)
    },
  }
  const own = { table, mended: false }
  return own
}

describe('a projector', () => {
  let folder: string
  let path: string
  const opened: Projector[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-rebuild-'))
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

  it('folds a table anew beside its rows, which stay whole and current until the new ones are there', async () => {
    const journal = memoryJournal()
    const long = Array.from({ length: 200 }, () => moved(1n))
    for (let i = 0; i < 20; i++) await append(journal, `p-${i}`, ...long)
    const projector = await open(journal, [purses], { batchFacts: 3 })
    await projector.waitFor(4_000, WAIT_MS)
    projector.rebuild('purses', 'one')
    expect(projector.states()).toMatchObject([{ position: 4_000, outdated: false, building: { position: 0 } }])
    let position = 4_000
    const behind: number[] = []
    while (projector.states()[0]?.building) {
      behind.push(projector.states()[0]!.building!.position)
      if (position < 4_020) {
        position = await append(journal, `p-${position % 20}`, moved(1n))
        await projector.waitFor(position, WAIT_MS)
      }
      expect(sumOf(projector)).toBe(BigInt(position))
      await breathe()
    }
    // It was really folded beside, from the start, and in more than one piece.
    expect(behind[0]).toBe(0)
    expect(new Set(behind).size).toBeGreaterThan(2)
    expect(sumOf(projector)).toBe(BigInt(position))

    // The same request again, also after a restart, is the one that was done.
    projector.rebuild('purses', 'one')
    expect(projector.states()[0]?.building).toBeUndefined()
    await projector.close()
    const again = await open(journal)
    again.rebuild('purses', 'one')
    expect(again.states()[0]?.building).toBeUndefined()
    again.rebuild('purses', 'two')
    expect(again.states()[0]?.building).toBeDefined()
    expect(await faultOf((async () => again.rebuild('nobody', 'k'))())).toBe('projector.unknown-table')
  })

  it('goes on with a build that a restart interrupted, and leaves none behind', async () => {
    const journal = memoryJournal()
    for (let i = 0; i < 60; i++) await append(journal, `p-${i % 20}`, moved(1n))
    const first = await open(journal, [purses], { batchFacts: 7 })
    await first.waitFor(60, WAIT_MS)
    first.rebuild('purses', 'one')
    while (first.states()[0]?.building?.position === 0) await breathe()
    await first.close()
    const second = await open(journal, [purses], { batchFacts: 7 })
    expect(second.states()[0]?.building?.began).toBeGreaterThan(0)
    expect(sumOf(second)).toBe(60n)
    while (second.states()[0]?.building) await breathe()
    expect(sumOf(second)).toBe(60n)
    await second.waitFor(await append(journal, 'p-0', moved(1n)), WAIT_MS)
    expect(sumOf(second)).toBe(61n)
    await second.close()
    const db = new DatabaseSync(path)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()).toEqual([
      { name: 'builds' },
      { name: 'rows_purses_2' },
    ])
    db.close()
  })

  it('lets a table that cannot fold a fact stand still alone, tries again when told or restarted, and loses nothing', async () => {
    const journal = memoryJournal()
    const bad = superstitious()
    const told: string[] = []
    const options = { onStopped: (table: string) => void told.push(table) }
    const projector = await open(journal, [purses, bad.table], options)
    await append(journal, 'a', moved(5n))
    const at = await append(journal, 'a', moved(13n))
    const last = await append(journal, 'a', moved(7n))
    await projector.waitFor(last, WAIT_MS, ['purses'])
    expect(projector.byId(purses, 'a')?.sats).toBe(25n)
    expect(await faultOf(projector.waitFor(last, WAIT_MS, ['superstitious']))).toBe('projector.stopped')
    expect(await faultOf(projector.waitFor(last, WAIT_MS))).toBe('projector.stopped')
    // What came before that fact is there, and half of the fact is not.
    expect(projector.byId(bad.table, 'a')?.sats).toBe(5n)
    expect(projector.byId(bad.table, 'touched')?.moves).toBe(1)
    expect(projector.states()).toMatchObject([
      { name: 'purses', position: last },
      {
        name: 'superstitious',
        position: at - 1,
        readable: true,
        stopped: { code: 'projector.bad-fold', why: '13 sats', position: at, retrying: false },
      },
    ])
    expect(told).toEqual(['superstitious'])

    projector.retry('superstitious')
    expect(await faultOf(projector.waitFor(last, WAIT_MS, ['superstitious']))).toBe('projector.stopped')
    await projector.close()
    const second = await open(journal, [purses, bad.table], options)
    expect(await faultOf(second.waitFor(last, WAIT_MS, ['superstitious']))).toBe('projector.stopped')
    expect(told).toHaveLength(3)

    bad.mended = true
    second.retry('superstitious')
    await second.waitFor(last, WAIT_MS)
    expect(second.states()[1]?.stopped).toBeUndefined()
    expect(second.byId(bad.table, 'a')).toEqual(second.byId(purses, 'a'))
    await second.waitFor(await append(journal, 'a', moved(1n)), WAIT_MS)
    expect(second.byId(bad.table, 'a')?.sats).toBe(26n)
  })

  it('keeps the rows that are read when a new build stops, and can build again', async () => {
    const journal = memoryJournal()
    const bad = superstitious()
    bad.mended = true
    await append(journal, 'a', moved(5n), moved(13n))
    const projector = await open(journal, [bad.table])
    await projector.waitFor(2, WAIT_MS)
    bad.mended = false
    projector.rebuild('superstitious', 'one')
    while (!projector.states()[0]?.building?.stopped) await breathe()
    await projector.waitFor(await append(journal, 'a', moved(1n)), WAIT_MS)
    expect(projector.byId(bad.table, 'a')?.sats).toBe(19n)
    bad.mended = true
    projector.rebuild('superstitious', 'two')
    while (projector.states()[0]?.building) await breathe()
    expect(projector.byId(bad.table, 'a')?.sats).toBe(19n)
  })

  it('reads on for the tables that do not need a damaged fact, and waits for a log that went away', async () => {
    const journal = memoryJournal()
    await append(journal, 'a', moved(1n), { type: 'purse.named', at: 1, owner: 'ann' }, moved(2n))
    let away = true
    const sleep = async (): Promise<void> => {
      away = false
    }
    const follow: Journal['follow'] = (after, filter, signal) => {
      if (away) throw new Fault('journal.unavailable', 'the server is away')
      if (filter?.types?.includes('purse.named') && after < 2) throw new Fault('journal.corrupt', 'a damaged fact')
      return journal.follow(after, filter, signal)
    }
    const sums: Table<PurseRow, PurseFact, typeof purses.columns> = { ...purses, name: 'sums', types: ['purse.moved'] }
    const states: (string | undefined)[] = []
    const projector = await openProjector({
      path,
      journal: { ...journal, follow },
      tables: [purses, sums],
      clock: { ...systemClock, sleep },
      onStopped: (_, cause) => void states.push((cause as Fault).code),
    })
    opened.push(projector)
    await projector.waitFor(3, WAIT_MS, ['sums']).catch(() => {})
    while (projector.position('sums') < 3) await breathe()
    expect(projector.byId(sums, 'a')?.sats).toBe(3n)
    expect(states).toEqual(['journal.unavailable', 'journal.unavailable', 'journal.corrupt'])
    expect(projector.states()).toMatchObject([
      { readable: false, building: { stopped: { code: 'journal.corrupt' } } },
      { name: 'sums', position: 3 },
    ])
  })

  it('puts a damaged or newer file aside, says so, and folds anew', async () => {
    const journal = memoryJournal()
    for (let i = 0; i < 200; i++) await append(journal, `p-${i}`, moved(1n))
    const first = await open(journal)
    await first.waitFor(200, WAIT_MS)
    await first.close()
    const told: string[] = []
    const onPutAside = (aside: string, fault: Fault) => void told.push(`${aside.slice(path.length)} ${fault.code}`)
    const reopened = async (): Promise<void> => {
      const projector = await open(journal, [purses], { onPutAside })
      await projector.waitFor(200, WAIT_MS)
      expect(sumOf(projector)).toBe(200n)
      await projector.close()
    }
    const newer = new DatabaseSync(path)
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    await reopened()

    const whole = await readFile(path)
    whole.fill(0xa5, 4_096 * 2, 4_096 * 5)
    await writeFile(path, whole)
    await reopened()
    expect(told).toEqual(['.newer-file projector.newer-file', '.corrupt projector.corrupt'])
    expect((await readdir(folder)).filter((name) => !/-(wal|shm)$/.test(name)).sort()).toEqual([
      'rows.db',
      'rows.db.corrupt',
      'rows.db.newer-file',
    ])
  })
})
