import { expect, it } from 'vitest'
import { followLog, LAGGED_POSITIONS } from '../../src/api/follow.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'

const from = (journal: Journal) => ({ journal, filter: {}, after: 0, closing: new AbortController().signal })
const FACTS = LAGGED_POSITIONS * 2
const facts = Array.from({ length: FACTS }, (_, i) => ({ type: 'lease.noticed', at: i }))

it('a reader that falls behind is told so, and misses nothing', async () => {
  const journal = memoryJournal()
  const told = followLog(from(journal), () => {})
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

it('leaving ends it at once, also while it waits, and only once', async () => {
  const journal = memoryJournal()
  let ended = 0
  const told = followLog(from(journal), () => void ended++)
  await told.next()
  const waiting = told.next()
  await told.return!()
  expect((await waiting).done).toBe(true)
  await told.return!()
  expect(ended).toBe(1)
})

it('a log that is closed is a fault for its readers, and the end for the count of them', async () => {
  const journal = memoryJournal()
  let ended = 0
  const told = followLog(from(journal), () => void ended++)
  await told.next()
  const waiting = told.next()
  await journal.close()
  await expect(waiting).rejects.toMatchObject({ code: 'journal.closed' })
  expect(ended).toBe(1)
})
