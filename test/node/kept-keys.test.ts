import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Clock } from '../../src/clock/port.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import type { Hands } from '../../src/node/hands.ts'
import { keepingKeys } from '../../src/node/kept-keys.ts'
import type { NodePublisher } from '../../src/node/publisher.ts'
import { keepKey, leasesWithKey } from '../../src/shell/key-store.ts'
import { goldenStreams } from '../histories/golden.ts'

const WAIT = { timeout: 30_000 }
const leaseId = '00000000000000000000000000000001'
const stream = `lease-${leaseId}`
/** It ended at …20,000, is settled at …23,000, and its data is kept for 10 s. */
const facts = goldenStreams('lease-publisher.v1.jsonl').get(stream)!
const GONE = 1_800_000_030_000

let dataDir: string
let now: number
let wake: (() => void) | undefined
let slept: number | undefined
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'zennet-kept-'))
  ;[now, wake, slept] = [1_800_000_023_000, undefined, undefined]
  await keepKey(dataDir, leaseId, 'a key')
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const clock: Clock = {
  now: () => now,
  steadyUs: () => now * 1_000,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      ;[slept, wake] = [ms, resolve]
      signal?.addEventListener('abort', () => reject(signal.reason))
    }),
}
const say = () => {}
const log = { debug: say, info: say, warn: say, error: say }

const nodeWith = async (count: number) => {
  const journal = memoryJournal()
  await journal.transact([{ stream, expected: 0, facts: facts.slice(0, count) }])
  const party = { keys: { identity: { secret: new Uint8Array(32) } }, clock, log }
  const hands = { journal, streams: openStreams(journal), party } as unknown as Hands
  const publisher = { own: { order: async () => undefined, unfinished: async () => [] }, close: async () => {} }
  const keeping = await keepingKeys({ dataDir }, hands, publisher as unknown as NodePublisher)
  const goOn = () => journal.transact([{ stream, expected: count, facts: facts.slice(count) }])
  return { keeping, goOn }
}

it('keeps the key of a settled lease until its data is gone', async () => {
  const { keeping, goOn } = await nodeWith(facts.findIndex(({ type }) => type === 'lease.settled'))
  await goOn()
  await expect.poll(() => slept, WAIT).toBe(GONE - now)
  expect(await leasesWithKey(dataDir)).toEqual([leaseId])
  wake?.()
  await expect.poll(() => leasesWithKey(dataDir), WAIT).toEqual([])
  await keeping.close()
})

it('does so after a restart too', async () => {
  const first = await nodeWith(facts.length)
  expect(slept).toBe(GONE - now)
  await first.keeping.close()
  expect(await leasesWithKey(dataDir)).toEqual([leaseId])
  now = GONE
  const second = await nodeWith(facts.length)
  expect(await leasesWithKey(dataDir)).toEqual([])
  await second.keeping.close()
})
