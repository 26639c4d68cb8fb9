import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Decider } from '../../domain/decider.ts'
import type { Fact } from '../../domain/fact.ts'
import { isRefusal } from '../../domain/fact.ts'
import { openSubjectKeys } from '../../src/forgetting/subject-keys.ts'
import { SNAPSHOT_FACTS } from '../../src/journal/folded.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openSnapshots, type Snapshots } from '../../src/journal/snapshots.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { systemRandom } from '../../src/random/system.ts'
import { type AnyState, EVERY_CHART } from '../domain/decider/every-chart.ts'
import { counter, STREAM } from './counter.ts'

const node = join(import.meta.dirname, '../../node_modules/.bin/node')
const plain = ({ value, context, status, children }: AnyState) => ({ value, context, status, children })

let folder: string
let path: string
let said: string[]
const log = {
  debug: () => {},
  info: (_fields: object, message: string) => void said.push(message),
  warn: (_fields: object, message: string) => void said.push(message),
  error: () => {},
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zennet-snapshots-'))
  path = join(folder, 'snapshots.sqlite')
  said = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const opened = (more: object = {}): Promise<Snapshots> => openSnapshots({ path, log, ...more })

/** Does `times` commands, and closes the snapshots: the stream is in them. */
const counted = async (journal: Journal, times: number, decider = counter): Promise<void> => {
  const snapshots = await opened()
  const streams = openStreams(journal, snapshots)
  for (let n = 0; n < times; n++) {
    expect(isRefusal(await streams.execute(decider, STREAM, { at: n }))).toBe(false)
  }
  await snapshots.close()
}

/** A process that begins: what it loads, and what came of its snapshots. */
const loaded = async (journal: Journal, decider = counter, more: object = {}) => {
  const snapshots = await opened(more)
  const { state, version } = await openStreams(journal, snapshots).load(decider, STREAM)
  const { counts } = snapshots
  await snapshots.close()
  return { state, version, ...counts }
}

const edit = (sql: string, ...values: (string | number)[]): void => {
  const db = new DatabaseSync(path)
  expect(db.prepare(sql).run(...values).changes).toBe(1)
  db.close()
}

describe('a snapshot', { timeout: 60_000 }, () => {
  it('is where the next process begins', async () => {
    const journal = memoryJournal()
    await counted(journal, 40)
    const from: number[] = []
    const counting: Journal = {
      ...journal,
      read(stream, after = 0, limit) {
        from.push(after)
        return journal.read(stream, after, limit)
      },
    }
    expect(await loaded(counting)).toMatchObject({ state: { count: 40 }, version: 40, used: 1, dropped: 0 })
    expect(from[0]).toBe(39)
    await journal.transact([{ stream: STREAM, expected: 40, facts: [{ type: 'counter.rose', at: 99 }] }])
    expect(await loaded(journal)).toMatchObject({ state: { count: 41 }, version: 41, used: 1 })
  })

  it('is written while a stream grows, and not for one that is quickly folded', async () => {
    const journal = memoryJournal()
    const snapshots = await opened()
    const streams = openStreams(journal, snapshots)
    for (let n = 0; n < SNAPSHOT_FACTS; n++) await streams.execute(counter, STREAM, { at: n })
    await streams.execute(counter, 'counter-short', { at: 1 })
    await expect.poll(() => snapshots.counts.written, { timeout: 30_000 }).toBe(1)
    await snapshots.close()
    expect(snapshots.counts.written).toBe(1)
  })

  it.each(EVERY_CHART)('taken anywhere changes nothing of what $name folds to', async ({ decider, facts }) => {
    const choices = fc.array(fc.tuple(fc.nat({ max: 999 }), fc.nat({ max: 40 }), fc.nat({ max: 3 })), { maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(choices, async (walk) => {
        await rm(path, { force: true })
        const journal = memoryJournal()
        let state = decider.initial
        let version = 0
        for (const [pick, salt, cut] of walk) {
          const legal = facts(salt).filter((fact) => state.can(fact as never))
          const fact = legal[pick % Math.max(1, legal.length)]
          if (!fact) break
          await journal.transact([{ stream: 's-1', expected: version, facts: [fact] }])
          state = decider.evolve(state, fact)
          version += 1
          if (cut > 0) continue
          const snapshots = await opened()
          const reloaded = await openStreams(journal, snapshots).load(
            decider as Decider<unknown, AnyState, Fact>,
            's-1',
          )
          expect(plain(reloaded.state)).toEqual(plain(state))
          snapshots.put(
            's-1',
            decider.keeping!,
            reloaded.state,
            async () => (await journal.read('s-1', version - 1))[0],
          )
          await snapshots.close()
        }
        const snapshots = await opened()
        const end = await openStreams(journal, snapshots).load(decider as Decider<unknown, AnyState, Fact>, 's-1')
        await snapshots.close()
        expect(plain(end.state)).toEqual(plain(state))
        expect(end.version).toBe(version)
        expect(snapshots.counts.dropped).toBe(0)
      }),
      { numRuns: 15 },
    )
  })
})

describe('a snapshot that must not be believed is left out, counted and said once', { timeout: 60_000 }, () => {
  let journal: Journal
  beforeEach(async () => {
    journal = memoryJournal()
    await counted(journal, 40)
  })
  const refolded = { state: { count: 40 }, version: 40, used: 0, dropped: 1 }

  it('of other rules', async () => {
    const keeping = { ...counter.keeping!, fingerprint: 'other' }
    expect(await loaded(journal, { ...counter, keeping })).toMatchObject(refolded)
    expect(said).toHaveLength(1)
    expect(await loaded(journal)).toMatchObject({ used: 0, dropped: 1 })
  })

  it('of facts that are read otherwise now', async () => {
    const upcasts = { 'counter.rose': [(fact: Fact) => fact] }
    expect(await loaded(journal, counter, { upcasts })).toMatchObject(refolded)
  })

  it('of a state that there is no more', async () => {
    const keeping = { ...counter.keeping!, thaw: () => undefined }
    expect(await loaded(journal, { ...counter, keeping })).toMatchObject(refolded)
  })

  it.each([
    ['cut short', 'UPDATE snapshots SET state = substr(state, 1, 5)'],
    ['another state', `UPDATE snapshots SET state = '{"count":7}'`],
    ['of another version', 'UPDATE snapshots SET version = version - 1'],
    ['of another stream', `UPDATE snapshots SET name = 'counter-b'`],
  ])('that was damaged: %s', async (what, sql) => {
    edit(sql)
    if (what === 'of another stream') edit(`UPDATE snapshots SET name = ?`, STREAM)
    const found = await loaded(journal)
    expect(found).toMatchObject(what === 'of another stream' ? { state: { count: 40 }, used: 1 } : refolded)
  })

  it('that is newer than the log, or of another one', async () => {
    const older = memoryJournal()
    await older.transact([{ stream: STREAM, expected: 0, facts: [{ type: 'counter.rose', at: 0 }] }])
    expect(await loaded(older)).toMatchObject({ state: { count: 1 }, version: 1, used: 0, dropped: 1 })
    await counted(journal, 1)
    const other = memoryJournal()
    const facts = Array.from({ length: 45 }, (_, n) => ({ type: 'counter.rose', at: n + 1_000 }))
    await other.transact([{ stream: STREAM, expected: 0, facts }])
    expect(await loaded(other)).toMatchObject({ state: { count: 45 }, version: 45, used: 0, dropped: 1 })
  })
})

it('of a subject is sealed with its key, and gone with it', async () => {
  const keys = await openSubjectKeys({ path: ':memory:', random: systemRandom })
  const journal = memoryJournal()
  const stream = 'lease-secret'
  const streams = async () => {
    const snapshots = await opened({ seals: keys })
    return { snapshots, streams: openStreams(journal, snapshots) }
  }
  const first = await streams()
  for (let at = 0; at < 40; at++) await first.streams.execute(counter, stream, { at })
  await first.snapshots.close()
  const second = await streams()
  expect(await second.streams.load(counter, stream)).toEqual({ state: { count: 40 }, version: 40 })
  expect(second.snapshots.counts).toMatchObject({ used: 1, dropped: 0 })
  await second.snapshots.close()
  expect((await readFile(path)).includes('"count"')).toBe(false)
  keys.forget(stream, 1)
  const third = await streams()
  expect(await third.streams.load(counter, stream)).toEqual({ state: { count: 40 }, version: 40 })
  expect(third.snapshots.counts).toMatchObject({ used: 0, dropped: 1 })
  await third.snapshots.close()
  keys.close()
})

describe('the file of the snapshots', { timeout: 60_000 }, () => {
  it('is made anew when it is damaged', async () => {
    const journal = memoryJournal()
    await counted(journal, 40)
    const bytes = await readFile(path)
    await writeFile(path, bytes.fill(0xab, 100, 6_000))
    expect(await loaded(journal)).toMatchObject({ state: { count: 40 }, used: 0 })
    expect(said.length).toBe(1)
    await counted(journal, 40)
    expect(await loaded(journal)).toMatchObject({ state: { count: 80 }, used: 1 })
  })

  it('of somebody else is left alone, and nothing fails', async () => {
    const text = 'not a database at all, but long enough to have been one, with some more words\n'.repeat(20)
    await writeFile(path, text)
    const journal = memoryJournal()
    await counted(journal, 40)
    expect(await loaded(journal)).toMatchObject({ state: { count: 40 }, used: 0 })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('may go while it is written: SIGKILL, ten times', async () => {
    const at = join(folder, 'journal.sqlite')
    let version = 0
    for (let round = 0; round < 10; round++) {
      const child = spawn(node, [join(import.meta.dirname, 'snapshot-for-ever.ts'), at, path])
      const lines = createInterface({ input: child.stdout })
      let seen = 0
      for await (const _ of lines) {
        seen += 1
        if (seen === 2 + (round % 4)) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      const journal = await openSqliteJournal({ path: at })
      const snapshots = await opened()
      const found = await openStreams(journal, snapshots).load(counter, STREAM)
      const facts = await journal.read(STREAM)
      expect(found).toEqual({ state: { count: facts.length }, version: facts.length })
      expect(found.version).toBeGreaterThan(version)
      version = found.version
      await snapshots.close()
      await journal.close()
    }
    expect(said).toEqual([])
  })
})
