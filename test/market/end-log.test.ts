import { expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { ENDS, FAILURES } from '../../domain/lease/ends.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { tellEnds } from '../../src/market/end-log.ts'
import { eventually } from '../lease/eventually.ts'

it('tells the code, the culprit and the next step of every end and failure, and of nothing that was before', async () => {
  const journal = memoryJournal()
  const told: { fields: Record<string, unknown>; message: string }[] = []
  const say = (fields: object, message: string) =>
    void told.push({ fields: fields as Record<string, unknown>, message })
  const stop = new AbortController()
  const append = (fact: object, n: number) =>
    journal.transact([{ stream: `lease-${n}`, expected: 0, facts: [{ at: 1, ...fact } as Fact] }])
  await append({ type: 'lease.ended', code: 'unpaid', culprit: 'publisher', why: 'before' }, 0)
  const telling = tellEnds(journal, systemClock, { debug: say, info: say, warn: say, error: say }, stop.signal)
  const ends = Object.entries(ENDS).map(([code, { culprit }]) => ({ type: 'lease.ended', code, culprit, why: 'so' }))
  const failures = Object.entries(FAILURES).flatMap(([code, { culprit }]) => [
    { type: 'lease.refused', code, culprit, why: 'so' },
    { type: 'lease.failed', code, culprit, why: 'so' },
  ])
  const lapsed = { type: 'lease.lapsed', stage: 'connect', code: 'stage-timeout', culprit: 'peer-unreachable' }
  const all = [...ends, ...failures, lapsed]
  // Its first look at the head has to come before.
  await new Promise((resolve) => setImmediate(resolve))
  for (const [n, fact] of all.entries()) await append(fact, n + 1)
  await eventually('all are told', () => told.length >= all.length)
  expect(told).toHaveLength(all.length)
  for (const [n, { code, culprit, type }] of all.entries()) {
    const { next } = { ...FAILURES, ...ENDS }[code as keyof typeof ENDS | keyof typeof FAILURES]
    const message = type === 'lease.ended' ? 'a lease ended' : 'a lease came to nothing'
    expect(told[n]).toEqual({ message, fields: { lease: `${n + 1}`, code, culprit, next, why: expect.any(String) } })
  }
  stop.abort(new Error('done'))
  await telling
})
