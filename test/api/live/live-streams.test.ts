import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Told } from '../../../src/api/follow.ts'
import { LiveStreams } from '../../../src/api/live/live-streams.ts'
import { LogSource } from '../../../src/api/live/log-source.ts'
import type { Outlet } from '../../../src/api/live/outlet.ts'
import type { Question } from '../../../src/api/live/question.ts'
import { MAX_RING_CHARS } from '../../../src/api/live/ring.ts'
import { MAX_AHEAD_BYTES } from '../../../src/api/live/subscriber.ts'
import { createMetrics, type Metrics } from '../../../src/api/metrics.ts'
import { memoryJournal } from '../../../src/journal/memory.ts'
import type { Journal } from '../../../src/journal/port.ts'

const closing: AbortController[] = []
afterEach(() => {
  for (const server of closing.splice(0)) server.abort()
})

/** A reader that can be held up: what is written while it is stays in its backlog. */
const reader = () => {
  const taken: string[] = []
  let held: (() => void)[] | undefined
  let backlog = 0
  const outlet: Outlet = {
    backlog: () => backlog,
    write(text) {
      taken.push(text)
      if (held !== undefined) backlog += text.length
    },
    writeThrough(text) {
      outlet.write(text)
      return held === undefined ? Promise.resolve() : new Promise((resolve) => held!.push(resolve))
    },
  }
  return {
    outlet,
    taken,
    hold: () => {
      held ??= []
    },
    letGo: () => {
      backlog = 0
      for (const resolve of held ?? []) resolve()
      held = undefined
    },
    positions: () => taken.filter((text) => text.startsWith('fact')).map((text) => Number(text.split(' ')[1])),
    isLevel: () => taken.at(-1)?.startsWith('caught-up') === true,
  }
}

const world = (factChars = 10) => {
  const journal = memoryJournal()
  const metrics = createMetrics()
  const server = new AbortController()
  closing.push(server)
  const answered: string[] = []
  let isOver = false
  const streams = new LiveStreams()
  const question = (after: number, key = 'q'): Question => ({
    key,
    source: new LogSource({ journal, metrics, closing: server.signal, after, filter: { streamPrefix: 'lease-1' } }),
    context: { metrics } as Question['context'],
    mask: (error) => error as Error,
    check: () => {
      if (isOver) throw new Error('over')
    },
    answer: async (told: Told) => {
      const position = told.kind === 'fact' ? told.recorded.position : told.position
      answered.push(`${key} ${told.kind} ${position}`)
      return `${told.kind} ${position} `.padEnd(factChars, 'x')
    },
  })
  return {
    journal,
    metrics,
    answered,
    server,
    endSession: () => {
      isOver = true
    },
    subscribe: (after: number, outlet: Outlet, key?: string) => streams.subscribe(question(after, key), outlet),
  }
}

const append = async (journal: Journal, stream: string, count: number): Promise<number> =>
  journal.transact([
    {
      stream,
      expected: (await journal.read(stream)).length,
      facts: Array.from({ length: count }, () => ({ type: 'lease.noticed', at: 1 })),
    },
  ])

const open = async (metrics: Metrics): Promise<number> => (await metrics.subscriptions.get()).values[0]?.value ?? 0
const WAIT = { timeout: 30_000 }

describe('subscribers of one question', () => {
  it('share one answer to each fact, and one to each place where they have caught up', async () => {
    const { journal, answered, subscribe } = world()
    const readers = Array.from({ length: 50 }, () => reader())
    for (const { outlet } of readers) void subscribe(0, outlet).next()
    await expect.poll(() => readers.every((it) => it.isLevel()), WAIT).toBe(true)
    answered.length = 0
    await append(journal, 'lease-1', 3)
    await expect.poll(() => readers.every((it) => it.isLevel() && it.positions().length === 3), WAIT).toBe(true)
    expect(answered).toEqual(['q fact 1', 'q fact 2', 'q fact 3', 'q caught-up 3'])
    expect(readers.map(({ taken }) => taken.length)).toEqual(readers.map(() => 5))
  })

  it('do not share with those of another', async () => {
    const { journal, answered, subscribe } = world()
    const [mine, yours] = [reader(), reader()]
    void subscribe(0, mine.outlet, 'mine').next()
    void subscribe(0, yours.outlet, 'yours').next()
    await append(journal, 'lease-1', 1)
    await expect.poll(() => mine.positions().length + yours.positions().length, WAIT).toBe(2)
    expect(answered).toEqual(expect.arrayContaining(['mine fact 1', 'yours fact 1']))
  })

  it('are told nothing of what others did', async () => {
    const { journal, subscribe } = world()
    const one = reader()
    void subscribe(0, one.outlet).next()
    await expect.poll(() => one.isLevel(), WAIT).toBe(true)
    await append(journal, 'lease-2', 10)
    await append(journal, 'lease-1', 1)
    await expect.poll(() => one.taken.length, WAIT).toBe(3)
    expect(one.taken.map((text) => text.trim().replaceAll('x', ''))).toEqual([
      'caught-up 0',
      'fact 11 ',
      'caught-up 11',
    ])
  })
})

it('whoever comes, stalls, goes on or leaves, each is told every fact behind its place once, in order', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('come' as const), after: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), who: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('let go' as const), who: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      // So large that a held reader falls behind after a few, and that the ring lets go of the oldest.
      const { journal, metrics, subscribe } = world(MAX_AHEAD_BYTES / 4)
      const all: {
        after: number
        it: ReturnType<typeof reader>
        subscriber: ReturnType<typeof subscribe>
        left: boolean
      }[] = []
      for (const one of steps) {
        if (one.do === 'append') await append(journal, 'lease-1', one.count)
        else if (one.do === 'turn') for (let i = 0; i < one.count; i++) await new Promise(setImmediate)
        else if (one.do === 'come') {
          const after = Math.floor((await journal.head()) * one.after)
          const it = reader()
          const subscriber = subscribe(after, it.outlet)
          all.push({ after, it, subscriber, left: false })
          void subscriber.next()
        } else {
          const found = all[one.who]
          if (one.do === 'hold') found?.it.hold()
          if (one.do === 'let go') found?.it.letGo()
          if (one.do === 'leave' && found !== undefined) {
            found.left = true
            await found.subscriber.return()
          }
        }
      }
      const head = await journal.head()
      for (const { it } of all) it.letGo()
      const staying = all.filter(({ left }) => !left)
      await expect
        .poll(() => staying.every(({ it, after }) => it.isLevel() && it.positions().length >= head - after), WAIT)
        .toBe(true)
      for (const { after, it, left } of all) {
        const told = it.positions()
        const expected = Array.from({ length: head - after }, (_, i) => after + 1 + i)
        expect(told).toEqual(left ? expected.slice(0, told.length) : expected)
      }
      for (const { subscriber } of all) await subscriber.return()
      expect(await open(metrics)).toBe(0)
    }),
    { numRuns: 40 },
  )
})

it('one that comes for what is kept no more reads it from the log', async () => {
  const { journal, subscribe } = world(MAX_RING_CHARS / 8)
  const [early, late] = [reader(), reader()]
  void subscribe(0, early.outlet).next()
  await expect.poll(() => early.isLevel(), WAIT).toBe(true)
  await append(journal, 'lease-1', 40)
  await expect.poll(() => early.isLevel() && early.positions().length, WAIT).toBe(40)
  void subscribe(0, late.outlet).next()
  await expect.poll(() => late.isLevel(), WAIT).toBe(true)
  expect(late.positions()).toEqual(early.positions())
})

it('one that stalls is written no more than is allowed, and the others are told all', async () => {
  const { journal, subscribe } = world(MAX_AHEAD_BYTES / 8)
  const [stalled, other] = [reader(), reader()]
  for (const { outlet } of [stalled, other]) void subscribe(0, outlet).next()
  await expect.poll(() => stalled.isLevel() && other.isLevel(), WAIT).toBe(true)
  stalled.hold()
  for (let i = 0; i < 100; i++) await append(journal, 'lease-1', 10)
  await expect.poll(() => other.positions().length, WAIT).toBe(1_000)
  expect(stalled.outlet.backlog()).toBeLessThanOrEqual(MAX_AHEAD_BYTES * 1.25)
  stalled.letGo()
  await expect.poll(() => stalled.isLevel() && stalled.positions().length, WAIT).toBe(1_000)
  expect(stalled.positions()).toEqual(other.positions())
})

describe('an end', () => {
  it('comes with the server’s, for those who listen and those who read', async () => {
    const { journal, metrics, server, subscribe } = world()
    await append(journal, 'lease-1', 10)
    const [listens, reads] = [reader(), reader()]
    const one = subscribe(0, listens.outlet).next()
    await expect.poll(() => listens.isLevel(), WAIT).toBe(true)
    reads.hold()
    const other = subscribe(0, reads.outlet).next()
    await expect.poll(() => reads.taken.length, WAIT).toBe(1)
    server.abort()
    reads.letGo()
    expect(await Promise.all([one, other])).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    expect(await open(metrics)).toBe(0)
  })

  it('comes to all of a session that is over, before the next fact', async () => {
    const { journal, endSession, subscribe } = world()
    const readers = [reader(), reader()]
    const ends = readers.map(({ outlet }) => subscribe(0, outlet).next())
    await expect.poll(() => readers.every((it) => it.isLevel()), WAIT).toBe(true)
    endSession()
    await append(journal, 'lease-1', 1)
    expect(await Promise.allSettled(ends)).toMatchObject([
      { reason: { message: 'over' } },
      { reason: { message: 'over' } },
    ])
    expect(readers.flatMap((it) => it.positions())).toEqual([])
  })

  it('comes with that of the log', async () => {
    const { journal, subscribe } = world()
    const one = reader()
    const end = subscribe(0, one.outlet).next()
    await expect.poll(() => one.isLevel(), WAIT).toBe(true)
    await journal.close()
    await expect(end).rejects.toMatchObject({ code: 'journal.closed' })
  })
})
