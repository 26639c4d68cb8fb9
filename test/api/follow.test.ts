import { describe, expect, it } from 'vitest'
import { followLog, LAGGED_POSITIONS } from '../../src/api/follow.ts'
import { memoryJournal } from '../../src/journal/memory.ts'

const FACTS = LAGGED_POSITIONS * 2
const ALL = { filter: {}, streams: [] }
const facts = Array.from({ length: FACTS }, (_, i) => ({ type: 'lease.noticed', at: i }))

it('a reader that falls behind is told so, and misses nothing', async () => {
  const journal = memoryJournal()
  const told = followLog(journal, 0, ALL, new AbortController().signal)
  expect((await told.next()).value).toMatchObject({ kind: 'caught-up', position: 0 })
  await journal.transact([{ stream: 'lease-1', expected: 0, facts }])
  const positions: number[] = []
  const lags: number[] = []
  for await (const item of told) {
    if (item.kind === 'fact') positions.push(item.recorded.position)
    if (item.kind === 'lagged') lags.push(item.behind)
    if (item.kind === 'caught-up' && item.position === FACTS) break
  }
  expect(positions).toEqual(facts.map((_, i) => i + 1))
  expect(lags).toHaveLength(1)
  expect(lags[0]).toBeGreaterThan(LAGGED_POSITIONS)
})

it('leaving ends it at once, also while it waits, and a second time does nothing', async () => {
  const journal = memoryJournal()
  const told = followLog(journal, 0, ALL, new AbortController().signal)
  await told.next()
  const waiting = told.next()
  await told.return!()
  expect((await waiting).done).toBe(true)
  await told.return!()
})

it('a log that is closed is a fault for its readers', async () => {
  const journal = memoryJournal()
  const told = followLog(journal, 0, ALL, new AbortController().signal)
  await told.next()
  const waiting = told.next()
  await journal.close()
  await expect(waiting).rejects.toMatchObject({ code: 'journal.closed' })
})

describe('what cannot be told', () => {
  const next = async (after: number, journal = memoryJournal(), streams = ['lease-1']) => {
    const told = followLog(
      journal,
      after,
      { filter: { streamPrefix: 'lease-1' }, streams },
      new AbortController().signal,
    )
    const items = []
    for await (const item of told) {
      items.push(item)
      if (item.kind === 'caught-up') return items
    }
    return items
  }
  const long = async () => {
    const journal = memoryJournal()
    await journal.transact([{ stream: 'lease-1', expected: 0, facts: facts.slice(0, 10) }])
    return journal
  }

  it('is a place ahead of the log: it goes on behind the head', async () => {
    const journal = await long()
    expect(await next(11, journal)).toEqual([
      { kind: 'snapshot-required', position: 10, reason: 'ahead-of-log' },
      { kind: 'caught-up', position: 10 },
    ])
    expect(await next(10, journal)).toEqual([{ kind: 'caught-up', position: 10 }])
  })

  it('is what retention took behind the place, and nothing for who had seen it', async () => {
    const journal = await long()
    await journal.retain('lease-1', { newest: 3 })
    for (const after of [0, 4, 7])
      expect(await next(after, journal)).toEqual([
        { kind: 'snapshot-required', position: 10, reason: 'removed' },
        { kind: 'caught-up', position: 10 },
      ])
    expect((await next(8, journal)).map(({ kind }) => kind)).toEqual(['fact', 'fact', 'caught-up'])
  })

  it('is a stream that was removed for ever', async () => {
    const journal = await long()
    await journal.tombstone('lease-1', 10)
    expect((await next(4, journal))[0]).toMatchObject({ kind: 'snapshot-required', reason: 'removed' })
    expect(await next(0, memoryJournal())).toEqual([{ kind: 'caught-up', position: 0 }])
  })
})
