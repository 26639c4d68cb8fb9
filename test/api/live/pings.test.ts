import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PING, PING_MS, Pings } from '../../../src/api/live/pings.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const reader = (writableLength = 0) => {
  const written: unknown[] = []
  return { written, writableLength, write: (text: unknown) => written.push(text) > 0 }
}

it('has one timer, however often readers come and go, and none when nobody is there', () => {
  const pings = new Pings()
  for (let i = 0; i < 5; i++) {
    const leave = pings.add(reader())
    expect(vi.getTimerCount()).toBe(1)
    leave()
    expect(vi.getTimerCount()).toBe(0)
  }
  const stays = reader()
  pings.add(stays)
  pings.add(reader())()
  vi.advanceTimersByTime(2 * PING_MS)
  expect(stays.written).toEqual([PING, PING])
  expect(vi.getTimerCount()).toBe(1)
})

it('adds nothing to what a reader has not taken yet', () => {
  const slow = reader(1)
  new Pings().add(slow)
  vi.advanceTimersByTime(PING_MS)
  expect(slow.written).toEqual([])
})
