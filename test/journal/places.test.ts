import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../domain/fault.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Archiving, Journal, Retaining } from '../../src/journal/port.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { FRESH_FACTS } from '../../src/journal/sqlite-places.ts'

type Whole = Journal & Retaining & Archiving

const STEPS = 250
const STREAMS = Array.from({ length: 12 }, (_, i) => `s-${i}`)

/** Numbers that look random and are the same in each run (Lehmer, 1951). */
const dice = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** What a journal answered, be it a refusal. */
const answer = (promise: Promise<unknown>) => promise.catch((error: Fault) => error.code)

describe('the places of facts', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zennet-places-'))
    path = join(folder, 'journal.db')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** One thing that is done to a log, by a roll; the same for the same rolls. */
  const step = (roll: (below: number) => number) => {
    const stream = STREAMS[roll(STREAMS.length)]!
    const some = STREAMS.filter((_, i) => (i + roll(3)) % 3 === 0)
    const [kind, count, odd] = [roll(20), 1 + roll(roll(4) === 0 ? 900 : 20), roll(50)]
    return async (journal: Whole): Promise<unknown> => {
      const { version } = await journal.describe(stream)
      if (kind === 0) return journal.archive(some)
      if (kind === 1) return journal.restore(STREAMS)
      if (kind === 2) return journal.retain(stream, { newest: 1 + count, before: 1 + (version >> 1) })
      if (kind === 3) return journal.retain(stream, {})
      if (kind === 4 && odd < 3) return journal.tombstone(stream, version)
      const facts = Array.from({ length: count }, (_, i) => ({ type: `t.n${i % 3}`, at: i }))
      return journal.transact([{ stream, expected: odd === 0 ? version + 1 : version, facts }])
    }
  }

  it.each([3, 5, 8])(
    'are the same as in memory, whatever is done by two openings of a file that come and go (%i)',
    async (seed) => {
      const roll = dice(seed)
      const memory = memoryJournal()
      const open = () => openSqliteJournal({ path })
      let journals = [await open(), await open()]
      for (let i = 0; i < STEPS; i++) {
        const todo = step(roll)
        const journal = journals[roll(2)]!
        expect(await answer(todo(journal))).toEqual(await answer(todo(memory)))
        const reader = journals[roll(2)]!
        const stream = STREAMS[roll(STREAMS.length)]!
        expect(await reader.describe(stream)).toEqual(await memory.describe(stream))
        const [after, limit] = [roll(40), 1 + roll(60)]
        expect(await reader.read(stream, after, limit)).toEqual(await memory.read(stream, after, limit))
        const before = 1 + roll((await memory.describe(stream)).version + 2)
        expect(await reader.readBackward(stream, before, limit)).toEqual(
          await memory.readBackward(stream, before, limit),
        )
        if (roll(25) === 0) {
          await journals.pop()?.close()
          journals = [await open(), ...journals]
        }
      }
      const head = await memory.head()
      expect(head).toBeGreaterThan(3 * FRESH_FACTS)
      for (const journal of journals) {
        expect(await journal.head()).toBe(head)
        for (let after = 0; after < head; after += 5_000) {
          expect(await journal.readAll(after, undefined, 5_000)).toEqual(await memory.readAll(after, undefined, 5_000))
        }
        for (const stream of STREAMS) expect(await journal.read(stream)).toEqual(await memory.read(stream))
        await journal.close()
      }
    },
    60_000,
  )
})
