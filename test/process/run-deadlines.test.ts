import { describe, expect, it } from 'vitest'
import { memoryDeadlines } from '../../src/process/memory.ts'
import type { Deadline } from '../../src/process/port.ts'
import { LONGEST_SLEEP_MS, runDeadlines } from '../../src/process/run-deadlines.ts'
import { steppedClock } from './stepped-clock.ts'

const START = 1_000_000
const due = (key: string, at: number): Deadline => ({ key, at, kind: 'lapse', subject: key })

const running = (fire: (deadline: Deadline) => Promise<void>, deadlines = memoryDeadlines()) => {
  const stepped = steppedClock(START)
  const stop = new AbortController()
  const failed: string[] = []
  const start = () =>
    runDeadlines(deadlines, {
      clock: stepped.clock,
      signal: stop.signal,
      fire,
      onFailed: ({ key }) => void failed.push(key),
    })
  return { ...stepped, deadlines, stop, start, failed }
}

describe('runDeadlines', () => {
  it('fires overdue ones at start, and others at their time', async () => {
    const fired: string[] = []
    const { deadlines, start, stop, advance, asleepUntil } = running(async ({ key }) => void fired.push(key))
    for (const one of [due('late', START - 5_000), due('soon', START + 70), due('far', START + 100_000)]) {
      deadlines.set(one)
    }
    const run = start()
    await asleepUntil(START + 70)
    expect(fired).toEqual(['late'])
    advance(70)
    await asleepUntil(START + 70 + LONGEST_SLEEP_MS)
    expect(fired).toEqual(['late', 'soon'])
    expect(deadlines.next()?.key).toBe('far')
    stop.abort()
    await run
  })

  it('wakes for an earlier one', async () => {
    const fired: string[] = []
    const { deadlines, start, stop, advance, asleepUntil } = running(async ({ key }) => void fired.push(key))
    deadlines.set(due('b', START + 9_000))
    const run = start()
    await asleepUntil(START + 9_000)
    deadlines.set(due('a', START + 50))
    await asleepUntil(START + 50)
    advance(50)
    await asleepUntil(START + 9_000)
    expect(fired).toEqual(['a'])
    stop.abort()
    await run
  })

  it('keeps one that was moved while it was fired', async () => {
    const fired: number[] = []
    const { deadlines, start, stop, advance, asleepUntil } = running(async ({ key, at }) => {
      fired.push(at)
      if (fired.length === 1) deadlines.set(due(key, START + 500))
    })
    deadlines.set(due('a', START))
    const run = start()
    await asleepUntil(START + 500)
    advance(500)
    await asleepUntil(START + 500 + LONGEST_SLEEP_MS)
    expect(fired).toEqual([START, START + 500])
    stop.abort()
    await run
  })

  it('tries a failed one again, later, without holding up others', async () => {
    const fired: string[] = []
    const { deadlines, start, stop, advance, asleepUntil, failed } = running(async ({ key }) => {
      fired.push(key)
      if (key === 'bad' && fired.length < 4) throw new Error('not yet')
    })
    deadlines.set(due('bad', START))
    deadlines.set(due('good', START + 1))
    const run = start()
    await asleepUntil(START + 1)
    advance(1)
    await asleepUntil(START + 200)
    expect(fired).toEqual(['bad', 'good'])
    advance(199)
    await asleepUntil(START + 600)
    advance(400)
    await asleepUntil(START + 600 + LONGEST_SLEEP_MS)
    expect(fired).toEqual(['bad', 'good', 'bad', 'bad'])
    expect(failed).toEqual(['bad', 'bad'])
    expect(deadlines.next()).toBeUndefined()
    stop.abort()
    await run
  })
})
