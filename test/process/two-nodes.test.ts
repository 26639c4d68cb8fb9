import { afterEach, describe, expect, it } from 'vitest'
import { fenced } from '../../src/claim/fenced.ts'
import { logClaims } from '../../src/claim/log.ts'
import type { Held } from '../../src/claim/port.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import type { Processes } from '../../src/process/processes.ts'
import { systemRandom } from '../../src/random/system.ts'
import { silent } from '../claim/silent.ts'
import { AT, openProcessRig } from './rig.ts'
import { steppedClock } from './stepped-clock.ts'

const TTL_MS = 8_000
const STEP_MS = 100
const RETRY = { attempts: 100, firstMs: 1_000, maxMs: 1_000 }

const breathe = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('two nodes that do effects of one log', { timeout: 60_000 }, () => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })

  /** A node with clocks of its own; `done` says what it did, and it fails while it is not `well`. */
  const nodeOn = (journal: ReturnType<typeof memoryJournal>) => {
    const stepped = steppedClock(AT)
    const node = { well: true, tried: 0, done: [] as string[] }
    const claims = logClaims({
      journal,
      streams: openStreams(journal),
      clock: stepped.clock,
      random: systemRandom,
      log: silent,
      ttlMs: TTL_MS,
    })
    open.push(() => claims.close())
    const work = {
      retry: RETRY,
      async do({ subject }: { readonly subject: string }) {
        node.tried += 1
        if (!node.well) throw new Error('not well')
        node.done.push(subject)
        return undefined
      },
    }
    const act = (held: Held): Processes => {
      const processes = openProcessRig({
        kinds: { work },
        journal: fenced(journal, held),
        clock: stepped.clock,
      }).start()
      open.push(() => processes.close())
      return processes
    }
    return Object.assign(node, { claims, stepped, act })
  }
  type TestNode = ReturnType<typeof nodeOn>
  const pass = async (ms: number, ...nodes: readonly TestNode[]): Promise<void> => {
    for (let gone = 0; gone < ms; gone += STEP_MS) {
      for (const { stepped } of nodes) stepped.advance(STEP_MS)
      await breathe()
    }
  }

  it('the one that stood still, clocks and all, does nothing any more when it goes on', async () => {
    const log = memoryJournal()
    const asking = openProcessRig({ kinds: {}, journal: log })
    const [a, b] = [nodeOn(log), nodeOn(log)]
    const never = new AbortController()
    const first = await a.claims.hold('work', never.signal)
    a.well = false
    a.act(first)
    await asking.ask(1, 'one')
    while (a.tried === 0) await breathe()
    await asking.setTimer('timed', AT + 2_000)

    // Only the other's time goes on: it takes over, and does what is open.
    const wanted = b.claims.hold('work', never.signal)
    await pass(STEP_MS, a, b)
    const before = a.tried
    await pass(TTL_MS * 1.5, b)
    b.act(await wanted)
    await asking.until('effect.done', 2)
    expect(b.done.sort()).toEqual(['one', 'timed'])

    // It wakes up well, with a claim that it believes in, a try that is due, and a timer.
    a.well = true
    await pass(TTL_MS / 2, a)
    expect(a.tried).toBe(before)
    expect(a.done).toEqual([])
    expect((await log.readAll(0, { types: ['effect.done', 'timer.fired'] })).length).toBe(3)
  })

  it('one that gives the claim back leaves nothing undone, and nothing done twice', async () => {
    const log = memoryJournal()
    const asking = openProcessRig({ kinds: {}, journal: log })
    const nodes = [nodeOn(log), nodeOn(log)]
    const never = new AbortController()
    for (let round = 0; round < 6; round++) {
      const node = nodes[round % 2]!
      const held = await node.claims.hold('work', never.signal)
      const processes = node.act(held)
      for (let n = round * 10; n < round * 10 + 10; n++) await asking.ask(n)
      if (round % 3 === 0) await asking.until('effect.done', round * 10 + 5)
      await processes.close()
      await held.release()
    }
    const last = nodes[0]!
    last.act(await last.claims.hold('work', never.signal))
    await asking.until('effect.done', 60)
    const all = nodes.flatMap(({ done }) => done)
    expect(new Set(all).size).toBe(60)
    expect(all).toHaveLength(60)
  })
})
