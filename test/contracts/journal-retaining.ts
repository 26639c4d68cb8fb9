import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Archiving, Journal, Recorded, Retaining } from '../../src/journal/port.ts'
import { facts, faultOf, followUntil, numberOf, numbers } from './journal.ts'

type Whole = Journal & Retaining & Archiving

const versions = (recorded: readonly Recorded[]) => recorded.map((one) => one.version)
const positions = (recorded: readonly Recorded[]) => recorded.map((one) => one.position)

/** What every journal keeps that can let facts go, and put them away. */
export const retainingContract = (
  name: string,
  make: () => Promise<{ journal: Whole; remove: () => Promise<void> }>,
): void => {
  describe(`retaining journal: ${name}`, () => {
    let journal: Whole
    let remove: () => Promise<void>
    beforeEach(async () => {
      ;({ journal, remove } = await make())
    })
    afterEach(async () => {
      await journal.close()
      await remove()
    })

    const append = (stream: string, expected: number, count: number) =>
      journal.transact([{ stream, expected, facts: numbers(expected + 1, count) }])

    /** Three leases whose facts lie between each other: a at 1 4 7 …, b at 2 5 8 …, c at 3 6 9 … */
    const braid = async (rounds: number) => {
      for (let i = 0; i < rounds; i++) for (const stream of ['a', 'b', 'c']) await append(stream, i, 1)
    }

    it('keeps the newest facts of a stream, now and after each append', async () => {
      await append('s', 0, 10)
      await append('other', 0, 1)
      await journal.retain('s', { newest: 3 })
      expect(versions(await journal.read('s'))).toEqual([8, 9, 10])
      expect(positions(await journal.readAll(0))).toEqual([8, 9, 10, 11])
      await append('s', 10, 2)
      expect(versions(await journal.read('s'))).toEqual([10, 11, 12])
      expect(versions(await journal.readBackward('s'))).toEqual([12, 11, 10])
      expect(positions(await journal.readAllBackward())).toEqual([13, 12, 11, 10])
      expect(await journal.describe('s')).toEqual({
        version: 12,
        oldest: 10,
        retention: { newest: 3 },
        state: 'live',
      })
      expect(await faultOf(append('s', 3, 1))).toBe('journal.conflict')
    })

    it('keeps a rule that came before its stream, until it is taken back', async () => {
      await journal.retain('s', { newest: 1 })
      await append('s', 0, 5)
      expect(versions(await journal.read('s'))).toEqual([5])
      await journal.retain('s', {})
      await append('s', 5, 2)
      expect(versions(await journal.read('s'))).toEqual([5, 6, 7])
    })

    it('truncates a stream before a version, and gives out no version or position twice', async () => {
      await append('s', 0, 5)
      await journal.retain('s', { before: 4 })
      expect(versions(await journal.read('s'))).toEqual([4, 5])
      await journal.retain('s', { before: 6 })
      expect(await journal.read('s')).toEqual([])
      expect(await journal.describe('s')).toMatchObject({ version: 5, oldest: 0 })
      expect(await journal.head()).toBe(5)
      expect(await append('s', 5, 1)).toBe(6)
      expect((await journal.read('s')).map((r) => [r.position, r.version])).toEqual([[6, 6]])
    })

    it('refuses a retention that cannot be', async () => {
      await append('s', 0, 2)
      for (const bad of [{ newest: 0 }, { newest: 1.5 }, { before: 0 }, { before: 4 }, { newest: Number.NaN }]) {
        expect(await faultOf(journal.retain('s', bad))).toBe('journal.bad-retention')
      }
      expect(await faultOf(journal.retain('S', { newest: 1 }))).toBe('journal.bad-stream')
      expect(await faultOf(journal.tombstone('S', 0))).toBe('journal.bad-stream')
      expect(await faultOf(journal.describe('S'))).toBe('journal.bad-stream')
      expect(await faultOf(journal.archive(['S']))).toBe('journal.bad-stream')
      expect(await journal.read('s')).toHaveLength(2)
    })

    it('removes a stream for ever', async () => {
      await append('s', 0, 3)
      await append('other', 0, 1)
      await append('s', 3, 1)
      expect(await faultOf(journal.tombstone('s', 3))).toBe('journal.conflict')
      await journal.tombstone('s', 4)
      await journal.tombstone('s', 4)
      expect(await journal.read('s')).toEqual([])
      expect(positions(await journal.readAll(0))).toEqual([4])
      expect(await journal.head()).toBe(5)
      expect(await journal.describe('s')).toMatchObject({ version: 4, oldest: 0, state: 'tombstoned' })
      for (const refused of [append('s', 4, 1), append('s', 0, 1), journal.retain('s', {}), journal.archive(['s'])]) {
        expect(await faultOf(refused)).toBe('journal.tombstoned')
      }
      expect(await append('other', 1, 1)).toBe(6)
    })

    it('removes a stream that never was, so that it never will be', async () => {
      await journal.tombstone('s', 0)
      expect(await faultOf(append('s', 0, 1))).toBe('journal.tombstoned')
      expect(await journal.describe('s')).toMatchObject({ version: 0, state: 'tombstoned' })
    })

    it('fails only what is refused, of many that arrive together', async () => {
      await append('gone', 0, 1)
      const all = await Promise.allSettled([
        append('a', 0, 1),
        journal.tombstone('gone', 1),
        append('gone', 1, 1),
        journal.retain('a', { before: 9 }),
        append('b', 0, 1),
        journal.archive(['gone']),
        append('c', 0, 1),
      ])
      expect(all.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, false, true, false, true])
      expect(positions(await journal.readAll(0))).toEqual([2, 3, 4])
    })

    it('lets followers pass over what was removed', async () => {
      await append('s', 0, 4_000)
      await journal.tombstone('s', 4_000)
      await append('t', 0, 1)
      const seen = await followUntil(journal, 0, (all) => all.at(-1)?.kind === 'caught-up')
      expect(positions(facts(seen))).toEqual([4_001])
      expect(seen.at(-1)).toEqual({ kind: 'caught-up', position: 4_001 })
    })

    it('shows archived facts in every read, at their places', async () => {
      await braid(400)
      const before = {
        all: await journal.readAll(0),
        back: await journal.readAllBackward(),
        a: await journal.read('a'),
        b: await journal.readBackward('b', 100, 7),
        some: await journal.readAll(100, { streamPrefix: 'a' }, 11),
        someBack: await journal.readAllBackward(900, { types: ['test.noted'] }, 11),
      }
      expect(await journal.archive(['a', 'b', 'nobody', 'a'])).toBe(2)
      expect(await journal.archive(['a'])).toBe(0)
      expect({
        all: await journal.readAll(0),
        back: await journal.readAllBackward(),
        a: await journal.read('a'),
        b: await journal.readBackward('b', 100, 7),
        some: await journal.readAll(100, { streamPrefix: 'a' }, 11),
        someBack: await journal.readAllBackward(900, { types: ['test.noted'] }, 11),
      }).toEqual(before)
      const seen = await followUntil(journal, 10, (all) => all.at(-1)?.kind === 'caught-up')
      expect(facts(seen)).toEqual(before.all.slice(10))
      expect(await journal.describe('a')).toEqual({ version: 400, oldest: 1, retention: {}, state: 'archived' })
    })

    it('appends nothing to an archived stream before it is restored', async () => {
      await braid(5)
      await journal.archive(['a', 'c'])
      expect(await journal.head()).toBe(15)
      for (const refused of [append('a', 5, 1), journal.retain('a', { newest: 1 }), journal.tombstone('a', 5)]) {
        expect(await faultOf(refused)).toBe('journal.archived')
      }
      expect(await journal.transact([{ stream: 'a', expected: 5, facts: [] }])).toBe(15)
      expect(await append('b', 5, 1)).toBe(16)
      const all = await journal.readAll(0)
      expect(await journal.restore(['a', 'b', 'nobody'])).toBe(1)
      expect(await journal.readAll(0)).toEqual(all)
      expect(await append('a', 5, 1)).toBe(17)
      expect((await journal.read('a')).map(numberOf)).toEqual([1, 2, 3, 4, 5, 6])
      expect(await journal.archive(['a'])).toBe(1)
      expect(positions(await journal.readAll(0))).toEqual(Array.from({ length: 17 }, (_, i) => i + 1))
    })

    it('archives what a retention left', async () => {
      await append('s', 0, 10)
      await journal.retain('s', { newest: 2 })
      await journal.archive(['s'])
      expect(versions(await journal.read('s'))).toEqual([9, 10])
      expect(await journal.describe('s')).toMatchObject({ version: 10, oldest: 9, retention: { newest: 2 } })
      await journal.restore(['s'])
      await append('s', 10, 1)
      expect(versions(await journal.read('s'))).toEqual([10, 11])
    })
  })
}
