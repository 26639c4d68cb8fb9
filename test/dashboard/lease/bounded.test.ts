import { expect, it } from 'vitest'
import { boundedTo, MAX_WAITING_BYTES } from '../../../src/dashboard/lease/terminal/bounded.ts'

it('leaves out what comes while too much waits to be drawn, and says how much', () => {
  const drawn: (() => void)[] = []
  const lost: number[] = []
  const take = boundedTo(
    (_, done) => drawn.push(done),
    (bytes) => lost.push(bytes),
  )
  take(new Uint8Array(MAX_WAITING_BYTES - 1))
  take(new Uint8Array(1))
  take(new Uint8Array(3))
  take(new Uint8Array(4))
  expect([drawn.length, lost]).toEqual([2, [3, 7]])
  drawn[0]!()
  take(new Uint8Array(5))
  expect([drawn.length, lost]).toEqual([3, [3, 7]])
})
