import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { MAX_AT_ONCE, MAX_OPEN_EFFECTS } from '../../src/process/port.ts'
import type { Processes } from '../../src/process/processes.ts'
import { AT, briskClock, idOf, openProcessRig } from './rig.ts'
import { steppedClock } from './stepped-clock.ts'

const LIMIT_MS = 60_000
const RETRY = { attempts: 4, firstMs: 100, maxMs: 1_000 }

describe('effects', { timeout: LIMIT_MS }, () => {
  const running: Processes[] = []
  const run = (rig: ReturnType<typeof openProcessRig>): Processes => {
    const processes = rig.start()
    running.push(processes)
    return processes
  }
  afterEach(async () => {
    for (const processes of running.splice(0)) await processes.close()
  })

  it('are done when they are asked for, before the start or after it', async () => {
    const done: string[] = []
    const rig = openProcessRig({ kinds: { work: { do: async ({ id }) => void done.push(id) as undefined } } })
    await rig.ask(1)
    run(rig)
    await rig.until('effect.done', 1)
    await rig.ask(2)
    await rig.ask(2)
    await rig.until('effect.done', 2)
    expect(done).toEqual([idOf(1), idOf(2)])
    expect(await rig.typesOf(2)).toEqual(['asked', 'done'])
  })

  it('that are done already are not done again at a start, and those of another kind are left alone', async () => {
    const done: string[] = []
    const rig = openProcessRig({ kinds: { work: { do: async ({ id }) => void done.push(id) as undefined } } })
    await rig.ask(1)
    await rig.ask(2, '2', 'other')
    const first = rig.start()
    await rig.until('effect.done')
    await first.close()
    await rig.ask(3)
    run(rig)
    await rig.until('effect.done', 2)
    expect(done).toEqual([idOf(1), idOf(3)])
    expect(await rig.typesOf(2)).toEqual(['asked'])
  })

  it('are done one after the other for a subject, and others do not wait for one that fails', async () => {
    const done: string[] = []
    let well = false
    const stepped = steppedClock(AT)
    const rig = openProcessRig({
      clock: stepped.clock,
      kinds: {
        work: {
          retry: { attempts: 100, firstMs: 1_000, maxMs: 1_000 },
          async do({ id, subject }) {
            if (subject === 'bad' && !well) throw new Error('not yet')
            done.push(id)
            return undefined
          },
        },
      },
    })
    await rig.ask(1, 'bad')
    await rig.ask(2, 'bad')
    await rig.ask(3, 'good')
    run(rig)
    await rig.until('effect.done', 1)
    expect(done).toEqual([idOf(3)])
    well = true
    stepped.advance(1_000)
    await rig.until('effect.done', 3)
    expect(done).toEqual([idOf(3), idOf(1), idOf(2)])
  })

  it('are tried again with longer and longer waits, then parked, without the words of the fault', async () => {
    const { clock, slept } = briskClock()
    const rig = openProcessRig({
      clock,
      kinds: {
        work: {
          retry: RETRY,
          do: async () => {
            throw new Fault('docker.pull-failed', 'no image at 203.0.113.7', { next: 'Fetch it.' })
          },
        },
      },
    })
    await rig.ask(1)
    run(rig)
    await rig.until('effect.parked')
    const [, parked] = await rig.journal.read(`effect-${idOf(1)}`)
    expect(parked?.fact).toMatchObject({ attempts: 4, code: 'docker.pull-failed', next: 'Fetch it.' })
    expect(JSON.stringify(parked)).not.toContain('203.0.113.7')
    expect(rig.retried).toEqual(['work', 'work', 'work'])
    expect(slept).toHaveLength(3)
    for (const [i, whole] of [100, 200, 400].entries()) {
      expect(slept[i]).toBeGreaterThanOrEqual(whole / 2)
      expect(slept[i]).toBeLessThanOrEqual(whole)
    }
  })

  it('that are parked are tried again when they are replayed, also after a restart, and never when they are dropped', async () => {
    let well = false
    const done: string[] = []
    const rig = openProcessRig({
      kinds: {
        work: {
          retry: { attempts: 1, firstMs: 1, maxMs: 1 },
          async do({ id }) {
            if (!well) throw new Error('not well')
            done.push(id)
            return undefined
          },
        },
      },
    })
    const first = rig.start()
    for (const n of [1, 2, 3]) await rig.ask(n)
    await rig.until('effect.parked', 3)
    well = true
    await rig.tellEffect(1, { kind: 'replay', at: AT })
    await rig.until('effect.done')
    await rig.tellEffect(2, { kind: 'drop', at: AT })
    await first.close()
    await rig.tellEffect(3, { kind: 'replay', at: AT })
    run(rig)
    await rig.until('effect.done', 2)
    expect(done).toEqual([idOf(1), idOf(3)])
    expect(await rig.typesOf(2)).toEqual(['asked', 'parked', 'dropped'])
    expect(await rig.typesOf(1)).toEqual(['asked', 'parked', 'replayed', 'done'])
  })

  it('that wait to be tried again can be dropped, and the next for the subject has its turn', async () => {
    const stepped = steppedClock(AT)
    const rig = openProcessRig({
      clock: stepped.clock,
      kinds: {
        work: {
          async do({ id }) {
            if (id === idOf(1)) throw new Error('never')
            return undefined
          },
        },
      },
    })
    await rig.ask(1, 'one')
    await rig.ask(2, 'one')
    run(rig)
    while (rig.retried.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await rig.tellEffect(1, { kind: 'drop', at: AT })
    await rig.until('effect.done')
    expect(await rig.typesOf(1)).toEqual(['asked', 'dropped'])
    expect(await rig.typesOf(2)).toEqual(['asked', 'done'])
  })

  it('that say “not yet” are no failures', async () => {
    let asked = 0
    const rig = openProcessRig({
      kinds: {
        work: {
          retry: RETRY,
          async do() {
            asked += 1
            return asked < 20 ? { againMs: 10 } : undefined
          },
        },
      },
    })
    await rig.ask(1)
    run(rig)
    await rig.until('effect.done')
    expect(asked).toBe(20)
    expect(rig.retried).toEqual([])
  })

  it('whose log or chain is away are waited for, and done once when it is back', async () => {
    const memory = memoryJournal()
    let isAway = false
    let tries = 0
    const journal: Journal = {
      ...memory,
      async transact(...args) {
        tries += 1
        if (isAway) throw new Fault('journal.unavailable', 'away')
        return memory.transact(...args)
      },
    }
    let calls = 0
    const kind = {
      retry: RETRY,
      isAway: (error: unknown) => error instanceof Fault && error.code === 'chain.unreachable',
      async do() {
        calls += 1
        if (calls <= 20) throw new Fault('chain.unreachable', 'no answer')
        // From here on the log is away: what was done must not be done again for that.
        isAway = true
        tries = 0
        return undefined
      },
    }
    const rig = openProcessRig({ journal, kinds: { work: kind } })
    await rig.ask(1)
    run(rig)
    while (!isAway || tries < 20) await new Promise((resolve) => setImmediate(resolve))
    isAway = false
    await rig.until('effect.done')
    expect(calls).toBe(21)
    expect(await rig.typesOf(1)).toEqual(['asked', 'done'])
  })

  it('are done some at once, and no more', async () => {
    let now = 0
    let most = 0
    const rig = openProcessRig({
      kinds: {
        work: {
          async do() {
            now += 1
            most = Math.max(most, now)
            for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
            now -= 1
            return undefined
          },
        },
      },
    })
    for (let n = 0; n < 100; n++) await rig.ask(n)
    run(rig)
    await rig.until('effect.done', 100)
    expect(most).toBe(MAX_AT_ONCE)
  })

  it('may be more than are held in memory', async () => {
    const count = MAX_OPEN_EFFECTS + 500
    const rig = openProcessRig({ kinds: { work: { do: async () => undefined } } })
    const facts = [{ type: 'effect.asked', at: AT, kind: 'work', subject: 's' }]
    for (let n = 0; n < count; n += 500) {
      const appends = Array.from({ length: 500 }, (_, i) => ({
        stream: `effect-${idOf(n + i)}`,
        expected: 0,
        facts: facts.map((fact) => ({ ...fact, subject: `${n + i}` })),
      }))
      await rig.journal.transact(appends)
    }
    run(rig)
    await rig.until('effect.done', count)
  })

  it('are each done, and none twice while nothing fails, whatever is asked when', async () => {
    const history = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3 }), fc.boolean()), {
      minLength: 1,
      maxLength: 25,
    })
    await fc.assert(
      fc.asyncProperty(history, async (asks) => {
        const times = new Map<string, number>()
        const work = {
          async do({ id }: { readonly id: string }) {
            times.set(id, (times.get(id) ?? 0) + 1)
            return undefined
          },
        }
        const rig = openProcessRig({ kinds: { work } })
        const subjects = new Map<number, string>()
        let processes = rig.start()
        for (const [n, subject, restarts] of asks) {
          if (!subjects.has(n)) subjects.set(n, `${subject}`)
          await rig.ask(n, subjects.get(n)!)
          if (!restarts) continue
          await processes.close()
          processes = rig.start()
        }
        await rig.until('effect.done', subjects.size)
        await processes.close()
        expect([...times.keys()].sort()).toEqual([...subjects.keys()].map(idOf).sort())
        expect([...times.values()].every((count) => count === 1)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})
