import { expect, it } from 'vitest'
import { MAX_STALLED_BYTES, MAX_STALLED_MS, StalledReaders } from '../../src/api/stall.ts'
import { systemClock } from '../../src/clock/system.ts'

/** A clock whose sleepers wake when it is moved. */
const handClock = () => {
  const sleepers: { until: number; wake: () => void }[] = []
  let ms = 0
  return {
    ...systemClock,
    steadyUs: () => ms * 1_000,
    sleep: (forMs: number) => new Promise<void>((wake) => void sleepers.push({ until: ms + forMs, wake })),
    async move(byMs: number) {
      for (const end = ms + byMs; ms < end; ) {
        ms = Math.min(end, ...sleepers.map(({ until }) => until).filter((until) => until > ms))
        for (const sleeper of sleepers.splice(0)) {
          if (sleeper.until <= ms) sleeper.wake()
          else sleepers.push(sleeper)
        }
        await new Promise(setImmediate)
      }
    },
  }
}

const reader = (bytes: number) => {
  const it = { bytes, ended: 0, backlog: () => it.bytes, end: () => void it.ended++ }
  return it
}

it('shows out who stays behind, once, and nobody else', async () => {
  const clock = handClock()
  const readers = new StalledReaders(clock)
  const stalled = reader(MAX_STALLED_BYTES + 1)
  const slow = reader(MAX_STALLED_BYTES)
  const catching = reader(MAX_STALLED_BYTES + 1)
  const gone = reader(MAX_STALLED_BYTES + 1)
  for (const one of [stalled, slow, catching]) readers.watch(one)
  readers.watch(gone)()
  await clock.move(MAX_STALLED_MS - 1_000)
  expect(stalled.ended).toBe(0)
  catching.bytes = 0
  await clock.move(1_000)
  catching.bytes = MAX_STALLED_BYTES + 1
  await clock.move(1_000)
  expect([stalled, slow, catching, gone].map(({ ended }) => ended)).toEqual([1, 0, 0, 0])
  await clock.move(MAX_STALLED_MS)
  expect([stalled, slow, catching, gone].map(({ ended }) => ended)).toEqual([1, 0, 1, 0])
})

it('looks again for those who come when nobody was there', async () => {
  const clock = handClock()
  const readers = new StalledReaders(clock)
  readers.watch(reader(0))()
  await clock.move(5_000)
  const late = reader(MAX_STALLED_BYTES + 1)
  readers.watch(late)
  await clock.move(MAX_STALLED_MS + 1_000)
  expect(late.ended).toBe(1)
})
