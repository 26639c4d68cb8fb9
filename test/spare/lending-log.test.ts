import { describe, expect, it } from 'vitest'
import { type Closed, KEEP_MS, LENDING_STREAM, SETTLED_MS } from '../../domain/availability/facts.ts'
import type { Clock } from '../../src/clock/port.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { LendingLog } from '../../src/spare/lending-log.ts'

const AT = 1_800_000_000_000

/** Lets one second after the other go by, each with what it brings. @returns what was written, in seconds since the beginning */
const run = async (journal: Journal, seconds: number, closedAt: (second: number) => Closed | undefined, fails = -1) => {
  const stop = new AbortController()
  let second = 0
  const clock: Partial<Clock> = {
    now: () => AT + second * 1_000,
    steadyUs: () => second * 1_000_000,
    sleep: async () => {
      second += 1
      if (second >= seconds) stop.abort(new Error('over'))
    },
  }
  const failing: Journal = {
    ...journal,
    transact: async (...args) => {
      if (second === fails) throw new Error('the log is away')
      return await journal.transact(...args)
    },
  }
  const log = { warn() {} } as never
  const closed = () => closedAt(second)
  await new LendingLog({ journal: failing, clock: clock as Clock, log, closed }).run(stop.signal)
  const facts = await journal.read(LENDING_STREAM)
  return facts.map(({ fact }) => {
    const { type, at, closed: why } = fact as typeof fact & { closed?: string }
    return [type.slice('lending.'.length), (at - AT) / 1_000, ...(why ? [why] : [])].join(' ')
  })
}

describe('what is written down of lending', () => {
  it('is the begin, that it goes on now and then, and the end', async () => {
    const keep = KEEP_MS / 1_000
    expect(await run(memoryJournal(), 2 * keep + 5, () => undefined)).toEqual([
      ...['began 0', 'kept 0', `kept ${keep}`, `kept ${2 * keep}`, `ended ${2 * keep + 5}`],
    ])
  })

  it('is at once that nothing is lent out, and later that it is again', async () => {
    const settled = SETTLED_MS / 1_000
    const written = await run(memoryJournal(), 100, (second) =>
      second >= 10 && second < 20 ? 'owner-busy' : undefined,
    )
    expect(written).toEqual(['began 0', 'kept 0', 'kept 10 owner-busy', `kept ${19 + settled}`, 'ended 100'])
  })

  it('is two facts a minute at the most for an owner who comes and goes', async () => {
    const written = await run(memoryJournal(), 250, (second) => (second % 12 < 2 ? 'owner-busy' : undefined))
    expect(written).toEqual(['began 0', 'kept 0 owner-busy', 'ended 250'])
    const slower = await run(memoryJournal(), 600, (second) => (second % 100 < 2 ? 'owner-busy' : undefined))
    expect(slower.length).toBeLessThanOrEqual(3 + 2 * 10)
  })

  it('names another reason when it is another', async () => {
    expect(await run(memoryJournal(), 9, (second) => (second < 5 ? 'owner-busy' : 'memory-short'))).toEqual([
      ...['began 0', 'kept 0 owner-busy', 'kept 5 memory-short', 'ended 9'],
    ])
  })

  it('is caught up with when the log was away, and goes on in a log that has some', async () => {
    const journal = memoryJournal()
    expect(await run(journal, 3, () => undefined, 0)).toEqual(['began 1', 'kept 1', 'ended 3'])
    expect((await run(journal, 3, () => undefined)).slice(3)).toEqual(['began 0', 'kept 0', 'ended 3'])
  })
})
