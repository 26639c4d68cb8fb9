import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { fenced } from '../../src/claim/fenced.ts'
import { logClaims } from '../../src/claim/log.ts'
import type { Claims } from '../../src/claim/port.ts'
import { whileHeld } from '../../src/claim/while-held.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { systemRandom } from '../../src/random/system.ts'
import { faultOf } from '../contracts/journal.ts'
import { steppedClock } from '../process/stepped-clock.ts'
import { silent } from './silent.ts'

const TTL_MS = 8_000
const STEP_MS = 100

/** A node with clocks and a way to the log of its own; `away` cuts that way. */
const nodeOn = (log: Journal) => {
  const node = { away: false }
  const reach = <T>(work: () => Promise<T>): Promise<T> =>
    node.away ? Promise.reject(new Fault('journal.failed', 'the server is away')) : work()
  const journal: Journal = {
    ...log,
    transact: (...args) => reach(() => log.transact(...args)),
    read: (...args) => reach(() => log.read(...args)),
    readBackward: (...args) => reach(() => log.readBackward(...args)),
    head: () => reach(() => log.head()),
  }
  const stepped = steppedClock()
  const streams = openStreams(journal)
  const claims = logClaims({ journal, streams, clock: stepped.clock, random: systemRandom, log: silent, ttlMs: TTL_MS })
  return Object.assign(node, { journal, claims, stepped })
}
type TestNode = ReturnType<typeof nodeOn>

const breathe = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}
/** Lets time pass, the same for all nodes. */
const pass = async (ms: number, ...nodes: readonly TestNode[]): Promise<void> => {
  for (let gone = 0; gone < ms; gone += STEP_MS) {
    for (const { stepped } of nodes) stepped.advance(STEP_MS)
    await breathe()
  }
}

describe('claims of two nodes on one log', { timeout: 60_000 }, () => {
  let log: Journal
  let a: TestNode
  let b: TestNode
  const stop = new AbortController()
  const noted = (expected: number) => [{ stream: 's', expected, facts: [{ type: 'test.noted', at: 1 }] }]
  const asked = (claims: Claims) => {
    const wanted = { held: undefined as Awaited<ReturnType<Claims['hold']>> | undefined }
    const got = claims.hold('work', stop.signal).then((held) => {
      wanted.held = held
      return held
    })
    // Whoever still waits when the test is over is told so.
    got.catch(() => {})
    return Object.assign(wanted, { got })
  }
  beforeEach(() => {
    log = memoryJournal()
    a = nodeOn(log)
    b = nodeOn(log)
  })
  afterEach(async () => {
    a.away = false
    b.away = false
    await Promise.all([a.claims.close(), b.claims.close()])
    await log.close()
  })

  it('the second has it at once when the first gives it back', async () => {
    const first = await a.claims.hold('work', stop.signal)
    const second = asked(b.claims)
    await pass(TTL_MS * 5, a, b)
    expect(second.held).toBeUndefined()
    first.check()
    await first.release()
    // Nothing else makes time pass: it is the fact that wakes the second.
    ;(await second.got).check()
  })

  it('the log keeps one heartbeat of a node, whatever it holds', async () => {
    const held = [await a.claims.hold('work', stop.signal), await a.claims.hold('more', stop.signal)]
    await pass(TTL_MS * 4, a)
    for (const one of held) one.check()
    const beats = await log.readAll(0, { streamPrefix: 'claim-beat-' })
    expect(beats).toHaveLength(1)
    expect(beats[0]!.version).toBeGreaterThanOrEqual(10)
    await Promise.all(held.map((one) => one.release()))
    const head = await log.head()
    await pass(TTL_MS * 4, a)
    expect(await log.head()).toBe(head)
  })

  it('it is taken over from a node that stands still, which then writes nothing more', async () => {
    const first = await a.claims.hold('work', stop.signal)
    const guarded = fenced(a.journal, first)
    await guarded.transact(noted(0))
    const second = asked(b.claims)
    await pass(TTL_MS * 3, a, b)
    expect(second.held).toBeUndefined()
    // Stopped, clocks and all, as a machine that sleeps: it cannot know.
    await pass(TTL_MS * 1.5, b)
    const held = await second.got
    await fenced(b.journal, held).transact(noted(1))
    first.check()
    expect(first.signal.aborted).toBe(false)
    expect(await faultOf(guarded.transact(noted(2)))).toBe('claim.lost')
    expect(first.signal.aborted).toBe(true)
    expect(() => first.check()).toThrow(Fault)
    held.check()
    expect(await log.read('s')).toHaveLength(2)
  })

  it('a node that slept learns of its loss by its own heartbeat', async () => {
    const first = await a.claims.hold('work', stop.signal)
    const other = await a.claims.hold('other', stop.signal)
    const second = asked(b.claims)
    await breathe()
    await pass(TTL_MS * 1.5, b)
    await second.got
    await pass(TTL_MS / 2, a, b)
    expect(first.signal.aborted).toBe(true)
    // Nobody wanted the other one.
    other.check()
  })

  it('a node that was stopped while its clock went on stops before it does anything', async () => {
    const first = await a.claims.hold('work', stop.signal)
    a.away = true
    a.stepped.advance(TTL_MS)
    expect(first.signal.aborted).toBe(false)
    expect(() => first.check()).toThrow('could not be told')
    expect(first.signal.aborted).toBe(true)
  })

  it('a holder that cannot reach the log stops before the other begins', async () => {
    const first = await a.claims.hold('work', stop.signal)
    const second = asked(b.claims)
    await pass(TTL_MS, a, b)
    a.away = true
    let stoppedFor = 0
    while (second.held === undefined) {
      await pass(STEP_MS, a, b)
      if (first.signal.aborted) stoppedFor += STEP_MS
    }
    expect(stoppedFor).toBeGreaterThanOrEqual(TTL_MS / 4)
    a.away = false
    await first.release()
    await pass(TTL_MS * 2, a, b)
    second.held.check()
  })

  it('goes back to its holder when the log was away from both', async () => {
    const done: string[] = []
    const over = new AbortController()
    const working = ([name, node]: readonly [string, TestNode]) =>
      whileHeld(node.claims, 'work', over.signal, async ({ signal }) => {
        done.push(name)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      })
    const first = working(['a', a])
    await pass(STEP_MS, a, b)
    const second = working(['b', b])
    await pass(TTL_MS * 2, a, b)
    expect(done).toEqual(['a'])
    a.away = true
    b.away = true
    await pass(TTL_MS * 3, a, b)
    a.away = false
    b.away = false
    await pass(TTL_MS * 3, a, b)
    expect(done).toHaveLength(2)
    over.abort()
    await Promise.all([first, second])
  })

  it('no wall clock matters', async () => {
    const first = await a.claims.hold('work', stop.signal)
    const second = asked(b.claims)
    for (const hours of [5, -11, 48]) {
      a.stepped.jump(hours * 3_600_000)
      await pass(TTL_MS, a, b)
      b.stepped.jump(-hours * 3_600_000)
      await pass(TTL_MS, a, b)
    }
    expect(second.held).toBeUndefined()
    first.check()
  })

  it('of many that want it when its holder died, one has it', async () => {
    await a.claims.hold('work', stop.signal)
    const others = Array.from({ length: 5 }, () => nodeOn(log))
    const wanted = others.map(({ claims }) => asked(claims))
    for (let round = 1; round <= others.length; round++) {
      while (wanted.every(({ held }) => held === undefined || held.signal.aborted)) await pass(STEP_MS, ...others)
      await pass(TTL_MS * 2, ...others)
      const having = wanted.filter(({ held }) => held && !held.signal.aborted)
      expect(having).toHaveLength(1)
      await having[0]!.held!.release()
    }
  })
})
