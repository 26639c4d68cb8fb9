import { describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { openLedger } from '../../src/lease/ledger.ts'
import { hearNotice } from '../../src/lease/notice.ts'
import { AT, LEASE_ID, metered } from '../domain/lease/sample.ts'

const STREAM = `lease-${LEASE_ID}`

/** What a publisher writes down of what its provider says of the end, at times of its own clock. */
const heard = async (...said: readonly { readonly at: number; readonly inMs?: number }[]): Promise<LeaseFact[]> => {
  const journal = memoryJournal()
  const history = metered(1, 2_000n)
  await journal.transact([{ stream: STREAM, expected: 0, facts: history }])
  const ledger = openLedger(openStreams(journal), LEASE_ID)
  for (const { at, inMs } of said)
    await hearNotice(ledger, at, 'provider', {
      type: 'notice',
      code: 'stopped-by-provider',
      ...(inMs === undefined ? {} : { inMs }),
    })
  return (await journal.read(STREAM, history.length)).map(({ fact }) => fact as LeaseFact)
}
const types = (facts: readonly LeaseFact[]) => facts.map(({ type }) => type)

describe('a notice that is told again', () => {
  it('is written down once, though it took a little more or less on the way', async () => {
    const later = AT + 60_000
    for (const drift of [0, 1, -1, 1_900, -1_900]) {
      const facts = await heard({ at: AT, inMs: 600_000 }, { at: later, inMs: 540_000 + drift })
      expect(facts).toMatchObject([{ type: 'lease.noticed', endsAt: AT + 600_000 }])
    }
  })

  it('is another one when its end is put off, or brought forward', async () => {
    const off = await heard({ at: AT, inMs: 600_000 }, { at: AT, inMs: 603_000 })
    expect(types(off)).toEqual(['lease.noticed', 'lease.notice-withdrawn', 'lease.noticed'])
    const forward = await heard({ at: AT, inMs: 600_000 }, { at: AT, inMs: 597_000 })
    expect(types(forward)).toEqual(['lease.noticed', 'lease.noticed'])
    expect(types(await heard({ at: AT, inMs: 600_000 }, { at: AT }))).toEqual(['lease.noticed', 'lease.noticed'])
  })
})
