import { expect, it } from 'vitest'
import { leaseStream } from '../../domain/ids.ts'
import { lease } from '../../domain/lease/lease.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { faultOf } from '../contracts/journal.ts'
import { LEASE_ID, leaseFacts } from '../domain/lease/sample.ts'
import { counter, STREAM } from './counter.ts'

const rose = (count: number) => Array.from({ length: count }, (_, at) => ({ type: 'counter.rose', at }))

it('a stream that was cut is refused, whether some of its facts are left or none', async () => {
  const journal = memoryJournal()
  await journal.transact([{ stream: STREAM, expected: 0, facts: rose(5) }])
  await journal.retain(STREAM, { newest: 2 })
  expect(await faultOf(openStreams(journal).load(counter, STREAM))).toBe('journal.truncated')
  expect(await faultOf(openStreams(journal).execute(counter, STREAM, { at: 9 }))).toBe('journal.truncated')
  await journal.retain(STREAM, { before: 6 })
  expect(await faultOf(openStreams(journal).load(counter, STREAM))).toBe('journal.truncated')
  expect((await journal.describe(STREAM)).version).toBe(5)
})

it('a stored fact that the chart refuses stops its own stream, and no other', async () => {
  const journal = memoryJournal()
  const { 'lease.sought': sought, 'lease.paid': paid } = leaseFacts()
  await journal.transact([{ stream: leaseStream(LEASE_ID), expected: 0, facts: [sought, paid] }])
  await journal.transact([{ stream: leaseStream('b'), expected: 0, facts: [sought] }])
  const streams = openStreams(journal)
  const loading = streams.load(lease, leaseStream(LEASE_ID))
  await expect(loading).rejects.toThrow('version 2 of stream lease-0123456789abcdef0123456789abcdef: fact lease.paid')
  expect(await faultOf(streams.load(lease, leaseStream(LEASE_ID)))).toBe('journal.illegal-fact')
  expect((await streams.load(lease, leaseStream('b'))).version).toBe(1)
})

it('a stream in the archive that has something to say after all is brought back', async () => {
  const journal = memoryJournal()
  const streams = openStreams(journal)
  for (let at = 0; at < 3; at++) await streams.execute(counter, STREAM, { at })
  expect(await journal.archive([STREAM])).toBe(1)
  expect(await streams.execute(counter, STREAM, { at: 3 })).toMatchObject({ state: { count: 4 }, version: 4 })
  expect((await journal.describe(STREAM)).state).toBe('live')
})
