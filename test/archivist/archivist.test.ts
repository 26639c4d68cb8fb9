import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Archivist, BATCH_PAUSE_MS, BATCH_STREAMS } from '../../src/archivist/archivist.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openSnapshots, type Snapshots } from '../../src/journal/snapshots.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { channelRules } from '../../src/lease/ledger.ts'
import { channelFacts } from '../domain/channel/sample.ts'
import { hastyClock } from '../process/stepped-clock.ts'

const KEEP_MS = 3_600
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const never = new AbortController().signal

const channelOf = (n: number): string => `channel-${n.toString(16).padStart(32, '0')}`
const { 'channel.proposed': proposed, 'channel.funded': funded, 'channel.closed': closed } = channelFacts()

/** A log in which channels end, each at a time of its own. */
const logOf = () => {
  const journal = memoryJournal()
  const { clock, slept } = hastyClock()
  const began = clock.now()
  const archivist = (snapshots?: Snapshots) =>
    new Archivist({ journal, clock, log, keepMs: KEEP_MS, ...(snapshots ? { snapshots } : {}) })
  return {
    ...{ journal, began, slept, archivist },
    end: (n: number, at: number) =>
      journal.transact([{ stream: channelOf(n), expected: 0, facts: [proposed, funded, { ...closed, at }] }]),
    stateOf: async (n: number) => (await journal.describe(channelOf(n))).state,
    later: (ms: number) => clock.sleep(ms),
  }
}

it('moves what has been over for long, and nothing else', async () => {
  const { journal, began, archivist, end, stateOf } = logOf()
  await end(1, began - KEEP_MS)
  await end(2, began - KEEP_MS + 1)
  await journal.transact([{ stream: channelOf(3), expected: 0, facts: [{ ...proposed, at: 1 }] }])
  await journal.transact([{ stream: 'chain', expected: 0, facts: [{ type: 'test.noted', at: 1 }] }])
  expect(await archivist().look(never)).toBe(1)
  expect(await Promise.all([1, 2, 3].map(stateOf))).toEqual(['archived', 'live', 'live'])
  expect((await journal.describe('chain')).state).toBe('live')
})

it('is not held up by a stream whose clock was ahead', async () => {
  const { began, archivist, end, stateOf } = logOf()
  await end(1, began + 10 * KEEP_MS)
  await end(2, began - KEEP_MS)
  expect(await archivist().look(never)).toBe(1)
  expect(await Promise.all([1, 2].map(stateOf))).toEqual(['live', 'archived'])
})

it('lets a late fact bring a stream back, and moves it again when it is over again', async () => {
  const { journal, began, archivist, end, stateOf, later } = logOf()
  const streams = openStreams(journal)
  const one = archivist()
  await end(1, began - KEEP_MS)
  await one.look(never)
  expect(await stateOf(1)).toBe('archived')
  await streams.execute(channelRules, channelOf(1), [{ kind: 'reopen', at: began }])
  expect(await stateOf(1)).toBe('live')
  await later(10 * KEEP_MS)
  expect(await one.look(never)).toBe(0)
  await streams.execute(channelRules, channelOf(1), [{ kind: 'closed', at: began, txid: '77'.repeat(32), height: 9 }])
  expect(await one.look(never)).toBe(1)
  expect(await journal.read(channelOf(1))).toHaveLength(5)
})

it('moves many in batches, with a pause after each for those who write', async () => {
  const { began, archivist, end, slept } = logOf()
  for (let n = 1; n <= 2 * BATCH_STREAMS + 1; n++) await end(n, began - KEEP_MS)
  expect(await archivist().look(never)).toBe(2 * BATCH_STREAMS + 1)
  expect(slept).toEqual([BATCH_PAUSE_MS, BATCH_PAUSE_MS])
})

it('leaves a stream that cannot go, and moves the others', async () => {
  const { journal, began, archivist, end, stateOf } = logOf()
  for (let n = 1; n <= 5; n++) await end(n, began - KEEP_MS)
  await journal.tombstone(channelOf(3), 3)
  // A tombstone is told to nobody: who had read of the end does not know.
  const one = archivist()
  const archive = journal.archive.bind(journal)
  expect(await one.look(never)).toBe(4)
  expect(await Promise.all([1, 2, 3, 4, 5].map(stateOf))).toEqual([
    'archived',
    'archived',
    'tombstoned',
    'archived',
    'archived',
  ])
  expect(await archive([channelOf(1)])).toBe(0)
})

it('goes on after a restart with what it knew, and reads no more than is new', async () => {
  const { journal, began, archivist, end, stateOf, later } = logOf()
  const folder = await mkdtemp(join(tmpdir(), 'zennet-archivist-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const open = () => openSnapshots({ path: join(folder, 'snapshots.sqlite'), log })
  const before = await open()
  await end(1, began)
  expect(await archivist(before).look(never)).toBe(0)
  await before.close()
  await later(KEEP_MS)
  await end(2, began + KEEP_MS)
  const after = await open()
  const asked: number[] = []
  const readAll = journal.readAll.bind(journal)
  journal.readAll = (from, ...rest) => {
    asked.push(from)
    return readAll(from, ...rest)
  }
  expect(await archivist(after).look(never)).toBe(1)
  expect(await Promise.all([1, 2].map(stateOf))).toEqual(['archived', 'live'])
  expect(Math.min(...asked)).toBe(2)
  await after.close()
})
