import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encode } from '../../domain/codec.ts'
import { Fault } from '../../domain/fault.ts'
import {
  Conflict,
  type Followed,
  type Journal,
  MAX_APPEND_FACTS,
  MAX_FACT_BYTES,
  type Recorded,
} from '../../src/journal/port.ts'

type Noted = { readonly type: string; readonly at: number; readonly n: number }
const noted = (n: number, type = 'test.noted'): Noted => ({ type, at: 1_000 + n, n })
export const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => noted(from + i))
export const numberOf = (recorded: Recorded) => (recorded.fact as Noted).n

/** The code of the fault that a promise is rejected with; anything else is a failure. */
export const faultOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Takes from a follower until `enough` says so, then stops it. */
export const followUntil = async (
  journal: Journal,
  after: number,
  enough: (seen: readonly Followed[]) => boolean,
  filter?: Parameters<Journal['follow']>[1],
): Promise<Followed[]> => {
  const stop = new AbortController()
  const seen: Followed[] = []
  for await (const followed of journal.follow(after, filter, stop.signal)) {
    seen.push(followed)
    if (enough(seen)) stop.abort()
  }
  return seen
}

export const facts = (seen: readonly Followed[]) => seen.flatMap((one) => (one.kind === 'fact' ? [one.recorded] : []))

/** What every journal keeps. */
export const journalContract = (
  name: string,
  make: () => Promise<{ journal: Journal; remove: () => Promise<void> }>,
): void => {
  describe(`journal: ${name}`, () => {
    let journal: Journal
    let remove: () => Promise<void>
    beforeEach(async () => {
      ;({ journal, remove } = await make())
    })
    afterEach(async () => {
      await journal.close()
      await remove()
    })

    it('is empty at first', async () => {
      expect(await journal.head()).toBe(0)
      expect(await journal.read('lease-1')).toEqual([])
      expect(await journal.readAll(0)).toEqual([])
    })

    it('gives back what was appended, with versions and gapless positions', async () => {
      expect(await journal.transact([{ stream: 'lease-1', expected: 0, facts: numbers(1, 2) }])).toBe(2)
      expect(await journal.transact([{ stream: 'lease-2', expected: 0, facts: numbers(3, 1) }])).toBe(3)
      expect(await journal.transact([{ stream: 'lease-1', expected: 2, facts: numbers(4, 1) }])).toBe(4)
      const one = await journal.read('lease-1')
      expect(one.map((r) => [r.position, r.version, r.stream])).toEqual([
        [1, 1, 'lease-1'],
        [2, 2, 'lease-1'],
        [4, 3, 'lease-1'],
      ])
      expect(one.map((r) => r.fact)).toEqual([noted(1), noted(2), noted(4)])
      expect((await journal.read('lease-1', 2)).map(numberOf)).toEqual([4])
      expect((await journal.readAll(0)).map((r) => r.position)).toEqual([1, 2, 3, 4])
      expect(await journal.head()).toBe(4)
    })

    it('keeps big integers, nested values and any text', async () => {
      const fact = {
        type: 'test.odd',
        at: 1,
        sats: 2_100_000_000_000_000n,
        deep: [{ a: -1n, b: null, c: 'é\u0000💰"' }],
      }
      await journal.transact([{ stream: 'odd', expected: 0, facts: [fact] }])
      expect((await journal.read('odd'))[0]?.fact).toEqual(fact)
    })

    it('is not changed by a reader or a writer that changes its copy', async () => {
      const fact = { type: 'test.noted', at: 1, n: 1 }
      await journal.transact([{ stream: 's', expected: 0, facts: [fact] }])
      fact.n = 2
      const [read] = await journal.read('s')
      Object.assign(read!.fact, { n: 3 })
      expect((await journal.read('s')).map(numberOf)).toEqual([1])
    })

    it('refuses another version, and writes nothing', async () => {
      await journal.transact([{ stream: 's', expected: 0, facts: numbers(1, 2) }])
      for (const expected of [0, 1, 3]) {
        const conflict = await journal.transact([{ stream: 's', expected, facts: numbers(9, 1) }]).catch((e) => e)
        expect(conflict).toBeInstanceOf(Conflict)
        expect(conflict).toMatchObject({ code: 'journal.conflict', stream: 's', expected, actual: 2 })
      }
      expect(await journal.head()).toBe(2)
    })

    it('appends to several streams as one unit, or to none', async () => {
      await journal.transact([{ stream: 'a', expected: 0, facts: numbers(1, 1) }])
      const half = [
        { stream: 'b', expected: 0, facts: numbers(2, 1) },
        { stream: 'a', expected: 0, facts: numbers(3, 1) },
      ]
      expect(await faultOf(journal.transact(half))).toBe('journal.conflict')
      expect(await journal.read('b')).toEqual([])
      const whole = [half[0]!, { ...half[1]!, expected: 1 }]
      expect(await journal.transact(whole)).toBe(3)
      expect((await journal.readAll(1)).map((r) => [r.stream, r.version])).toEqual([
        ['b', 1],
        ['a', 2],
      ])
    })

    it('takes one stream twice in a unit when the versions follow', async () => {
      const twice = [
        { stream: 'a', expected: 0, facts: numbers(1, 2) },
        { stream: 'a', expected: 2, facts: numbers(3, 1) },
      ]
      expect(await journal.transact(twice)).toBe(3)
      expect((await journal.read('a')).map(numberOf)).toEqual([1, 2, 3])
    })

    it('checks a version without writing', async () => {
      await journal.transact([{ stream: 'a', expected: 0, facts: numbers(1, 1) }])
      expect(await journal.transact([{ stream: 'a', expected: 1, facts: [] }])).toBe(1)
      expect(await faultOf(journal.transact([{ stream: 'a', expected: 2, facts: [] }]))).toBe('journal.conflict')
      expect(await journal.transact([])).toBe(1)
    })

    it('fails only the conflicting one of many that arrive together', async () => {
      const all = await Promise.allSettled(
        Array.from({ length: 300 }, (_, i) =>
          journal.transact([{ stream: `s-${i % 100}`, expected: 0, facts: numbers(i, 2) }]),
        ),
      )
      expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(100)
      expect(await journal.head()).toBe(200)
      expect((await journal.readAll(0)).map((r) => r.position)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    })

    it('does a command once, and answers a repetition as before', async () => {
      const appends = [{ stream: 's', expected: 0, facts: numbers(1, 2) }]
      const options = { commandId: 'c-1', correlationId: 'lease-7' }
      const [first, again] = await Promise.all([journal.transact(appends, options), journal.transact(appends, options)])
      await journal.transact([{ stream: 's', expected: 2, facts: numbers(3, 1) }])
      const later = await journal.transact(appends, options)
      expect([first, again, later]).toEqual([2, 2, 2])
      const read = await journal.read('s')
      expect(read.map(numberOf)).toEqual([1, 2, 3])
      expect(read.map((r) => r.commandId)).toEqual(['c-1', 'c-1', 'at-3'])
      expect(read.map((r) => r.correlationId)).toEqual(['lease-7', 'lease-7', 'at-3'])
    })

    it('does not remember a command that failed', async () => {
      const appends = (expected: number) => [{ stream: 's', expected, facts: numbers(1, 1) }]
      expect(await faultOf(journal.transact(appends(5), { commandId: 'c' }))).toBe('journal.conflict')
      expect(await journal.transact(appends(0), { commandId: 'c' })).toBe(1)
    })

    it('refuses what is too large or malformed whole', async () => {
      const appendTo = (stream: string, fact: { type: string; at: number }) =>
        journal.transact([{ stream, expected: 0, facts: [noted(1), fact] }])
      expect(await faultOf(appendTo('s', { ...noted(1), ...{ pad: 'é'.repeat(MAX_FACT_BYTES / 2) } }))).toBe(
        'journal.too-large',
      )
      const many = Array.from({ length: MAX_APPEND_FACTS + 1 }, () => noted(1))
      expect(await faultOf(journal.transact([{ stream: 's', expected: 0, facts: many }]))).toBe('journal.too-large')
      for (const stream of ['', 'A', 'a b', 'a/b', 'a\n', 'x'.repeat(201)]) {
        expect(await faultOf(appendTo(stream, noted(1)))).toBe('journal.bad-stream')
      }
      expect(await faultOf(appendTo('s', { type: '', at: 1 }))).toBe('journal.bad-fact')
      expect(await faultOf(appendTo('s', { type: 'a.b', at: Number.NaN }))).toBe('journal.bad-fact')
      expect(await faultOf(appendTo('s', { ...noted(1), ...{ bad: { $n: 'x' } } }))).toBe('journal.bad-fact')
      expect(await faultOf(journal.transact([], { commandId: 'x'.repeat(201) }))).toBe('journal.bad-command')
      expect(await journal.head()).toBe(0)
    })

    it('keeps facts of a megabyte, and reads many of them piece by piece', async () => {
      const room = MAX_FACT_BYTES - Buffer.byteLength(encode({ type: 'test.big', at: 1, pad: '' }))
      const big = { type: 'test.big', at: 1, pad: 'x'.repeat(room) }
      for (let i = 0; i < 20; i++) await journal.transact([{ stream: 's', expected: i, facts: [big] }])
      expect((await journal.read('s')).map((r) => r.version)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
      expect((await journal.read('s', 18))[1]?.fact).toEqual(big)
      expect((await journal.readAll(0, undefined, 12)).map((r) => r.position)).toEqual(
        Array.from({ length: 12 }, (_, i) => i + 1),
      )
      expect((await journal.readAllBackward()).map((r) => r.position)).toEqual(
        Array.from({ length: 20 }, (_, i) => 20 - i),
      )
      const seen = await followUntil(journal, 3, (all) => all.at(-1)?.kind === 'caught-up')
      expect(facts(seen).map((r) => r.position)).toEqual(Array.from({ length: 17 }, (_, i) => i + 4))
    })

    it('keeps hostile texts, and lets none of them reach another fact', async () => {
      const hostile = [
        "'); DROP TABLE facts; --",
        '\u2028\u2029\n\r\t\u0000\u001f\ud800',
        '{"$n":"1"}',
        '],"x"]\n[1',
        '%s%n\u202e',
        '__proto__',
        'constructor',
      ]
      const odd = hostile.map((text, i) => ({ type: text, at: i, text, [`k${text}`]: { toString: text } }))
      await journal.transact([{ stream: 's', expected: 0, facts: odd }], {
        commandId: "c'; --\u0000",
        correlationId: '\u202e',
      })
      const read = await journal.read('s')
      expect(read.map((r) => r.fact)).toEqual(odd)
      expect(read[0]).toMatchObject({ commandId: "c'; --\u0000", correlationId: '\u202e' })
      expect((await journal.readAll(0, { types: ["'); DROP TABLE facts; --"] })).map((r) => r.version)).toEqual([1])
      expect(await journal.readAll(0, { streamPrefix: "'%" })).toEqual([])
      const deep = { type: 'a.b', at: 1, deep: JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) }
      expect(await faultOf(journal.transact([{ stream: 's', expected: 7, facts: [deep] }]))).toBe('journal.bad-fact')
      const owned = { type: 'a.b', at: 1, v: 2 }
      expect(await faultOf(journal.transact([{ stream: 's', expected: 7, facts: [owned] }]))).toBe('journal.bad-fact')
    })

    it('follows without gap or duplicate while many append, from wherever a follower stopped', async () => {
      const total = 1_200
      let at = 0
      const seen: number[] = []
      const writers = Promise.all(
        Array.from({ length: 8 }, async (_, w) => {
          for (let i = 0; i < total / 8; i++) {
            await journal.transact([{ stream: `s-${w}`, expected: i, facts: numbers(i, 1) }])
          }
        }),
      )
      // Stopped and begun again at its last position, as a process is that restarts.
      while (at < total) {
        const piece = await followUntil(
          journal,
          at,
          (all) => facts(all).length >= 97 || at + facts(all).length === total,
        )
        seen.push(...facts(piece).map((r) => r.position))
        at = seen.at(-1) ?? 0
      }
      await writers
      expect(seen).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    })

    it('filters by stream prefix and by type, within a limit', async () => {
      for (let i = 0; i < 30; i++) {
        const stream = i % 2 ? `lease-${i}` : `lease_${i}`
        await journal.transact([{ stream, expected: 0, facts: [noted(i, i % 3 ? 'a.one' : 'a.two')] }])
      }
      expect((await journal.readAll(0, { streamPrefix: 'lease_' })).map(numberOf)).toEqual(
        Array.from({ length: 15 }, (_, i) => 2 * i),
      )
      expect((await journal.readAll(0, { types: ['a.two'] }, 3)).map(numberOf)).toEqual([0, 3, 6])
      expect((await journal.readAll(7, { types: ['a.two'], streamPrefix: 'lease-' })).map(numberOf)).toEqual([
        9, 15, 21, 27,
      ])
      expect(await journal.readAll(0, { types: [] })).toEqual([])
    })

    it('reads a stream forward and backward within a limit', async () => {
      await journal.transact([{ stream: 'other', expected: 0, facts: numbers(0, 1) }])
      await journal.transact([{ stream: 's', expected: 0, facts: numbers(1, 9) }])
      expect((await journal.read('s', 2, 3)).map(numberOf)).toEqual([3, 4, 5])
      expect((await journal.read('s', 8, 3)).map(numberOf)).toEqual([9])
      expect((await journal.readBackward('s')).map(numberOf)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
      expect((await journal.readBackward('s', 5, 2)).map((r) => r.version)).toEqual([4, 3])
      expect((await journal.readBackward('s', 100, 1)).map((r) => [r.version, r.position])).toEqual([[9, 10]])
      expect(await journal.readBackward('s', 1)).toEqual([])
      expect(await journal.readBackward('nobody')).toEqual([])
    })

    it('reads the whole log backward, filtered and within a limit', async () => {
      expect(await journal.readAllBackward()).toEqual([])
      for (let i = 1; i <= 30; i++) {
        await journal.transact([{ stream: `s-${i % 3}`, expected: Math.floor((i - 1) / 3), facts: numbers(i, 1) }])
      }
      await journal.transact([{ stream: 'past', expected: 0, facts: numbers(31, 2_500) }])
      expect((await journal.readAllBackward()).map((r) => r.position)).toEqual(
        Array.from({ length: 2_530 }, (_, i) => 2_530 - i),
      )
      expect((await journal.readAllBackward(undefined, { streamPrefix: 's-1' }, 3)).map(numberOf)).toEqual([28, 25, 22])
      expect((await journal.readAllBackward(22, { streamPrefix: 's-1' }, 2)).map(numberOf)).toEqual([19, 16])
      expect(await journal.readAllBackward(1)).toEqual([])
    })

    it('follows from the past into the present without gap or duplicate', async () => {
      await journal.transact([{ stream: 'past', expected: 0, facts: numbers(1, 2_500) }])
      const total = 2_500 + 400
      const following = followUntil(journal, 10, (seen) => facts(seen).length >= total - 10)
      for (let i = 0; i < 400; i++) {
        await journal.transact([{ stream: `live-${i}`, expected: 0, facts: numbers(i, 1) }])
      }
      const seen = await following
      expect(facts(seen).map((r) => r.position)).toEqual(Array.from({ length: total - 10 }, (_, i) => i + 11))
    })

    it('says when a follower has caught up, also past what it filters out', async () => {
      await journal.transact([{ stream: 'a', expected: 0, facts: numbers(1, 5) }])
      const filter = { types: ['never.was'] }
      const seen = await followUntil(journal, 0, (all) => all.length === 1, filter)
      expect(seen).toEqual([{ kind: 'caught-up', position: 5 }])
      expect(await followUntil(journal, 5, (all) => all.length === 1)).toEqual([{ kind: 'caught-up', position: 5 }])
    })

    it('tells a waiting follower', async () => {
      const following = followUntil(journal, 0, (seen) => facts(seen).length === 1)
      await followUntil(journal, 0, (seen) => seen.length === 1)
      await journal.transact([{ stream: 'a', expected: 0, facts: numbers(1, 1) }])
      expect(facts(await following).map(numberOf)).toEqual([1])
    })

    it('tells a quiet follower of every fact that passes, whatever comes between', async () => {
      const filter = { types: ['test.wanted'], quiet: true } as const
      const following = followUntil(journal, 0, (seen) => facts(seen).length === 20, filter)
      await followUntil(journal, 0, (seen) => seen.length === 1)
      for (let i = 0; i < 20; i++) {
        await journal.transact([{ stream: `other-${i}`, expected: 0, facts: numbers(i, 2) }])
        const appends = ['a', 'b'].map((name) => ({ stream: `${name}-${i}`, expected: 0, facts: numbers(i, 1) }))
        appends[1]!.facts = [noted(i, 'test.wanted')]
        await journal.transact(appends)
      }
      expect(facts(await following).map(numberOf)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    })

    it('ends a follower when its signal is aborted, before and while it waits', async () => {
      expect(await followUntil(journal, 0, () => true)).toHaveLength(1)
      const already = journal.follow(0, undefined, AbortSignal.abort())[Symbol.asyncIterator]()
      expect((await already.next()).done).toBe(true)
      const stop = new AbortController()
      const waiting = journal.follow(0, undefined, stop.signal)[Symbol.asyncIterator]()
      expect((await waiting.next()).value).toEqual({ kind: 'caught-up', position: 0 })
      const next = waiting.next()
      stop.abort()
      expect((await next).done).toBe(true)
    })

    it('finishes what it accepted when it is closed, then refuses', async () => {
      const writing = Array.from({ length: 200 }, (_, i) =>
        journal.transact([{ stream: `s-${i}`, expected: 0, facts: numbers(i, 1) }]),
      )
      const following = faultOf(followUntil(journal, 0, () => false))
      const closing = journal.close()
      expect((await Promise.all(writing)).at(-1)).toBe(200)
      await closing
      await journal.close()
      expect(await following).toBe('journal.closed')
      expect(await faultOf(journal.transact([{ stream: 's', expected: 0, facts: [] }]))).toBe('journal.closed')
      expect(await faultOf(journal.read('s'))).toBe('journal.closed')
      expect(await faultOf(journal.head())).toBe('journal.closed')
    })
  })
}
