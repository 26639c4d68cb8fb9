import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Fault } from '../../domain/fault.ts'
import { logClaims } from '../../src/claim/log.ts'
import { soleClaims } from '../../src/claim/sole.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { openDuty } from '../../src/node/duty.ts'
import { systemRandom } from '../../src/random/system.ts'
import { faultOf } from '../contracts/journal.ts'

const say = () => {}
const log = { debug: say, info: say, warn: say, error: say }
const clock = systemClock

/** What a node of its own has over a log: a part that says when it is open, and when it is closed. */
const nodeOn = (journal: Journal) => {
  const claims = logClaims({ journal, streams: openStreams(journal), clock, random: systemRandom, log, ttlMs: 500 })
  const opened = Promise.withResolvers<Journal>()
  const events: string[] = []
  const open = async (own: Journal) => {
    events.push('opened')
    opened.resolve(own)
    return { close: async () => void events.push('closed') }
  }
  return { claims, events, opened: opened.promise, open }
}
const note = [{ stream: 'a', expected: 0, facts: [{ type: 'test.noted', at: 1 }] }]

it('is done by one node, and by the other when that one stops', { timeout: 30_000 }, async () => {
  const journal = memoryJournal()
  const [one, two] = [nodeOn(journal), nodeOn(journal)]
  const first = await openDuty({ name: 'work', journal, clock, log, claims: one.claims, open: one.open })
  const second = await openDuty({ name: 'work', journal, clock, log, claims: two.claims, open: two.open })
  expect([first.current === undefined, second.current === undefined]).toEqual([false, true])
  await first.close()
  await two.opened
  expect([one.events, two.events]).toEqual([['opened', 'closed'], ['opened']])
  expect(await faultOf((await one.opened).transact(note))).toBe('claim.lost')
  expect(await (await two.opened).transact(note)).toBe(await journal.head())
  while (second.current === undefined) await setImmediate()
  await second.close()
  await one.claims.close()
  await two.claims.close()
})

it('stops a start that cannot do its work', async () => {
  const open = async () => {
    throw new Fault('test.taken', 'the port is taken')
  }
  const journal = memoryJournal()
  expect(await faultOf(openDuty({ name: 'work', claims: soleClaims(), journal, clock, log, open }))).toBe('test.taken')
})
