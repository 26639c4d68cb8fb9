import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withDeadline } from '../../src/api/deadline.ts'
import { EXECUTION_DEADLINE_MS } from '../../src/api/limits.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

it('ends what does not end by itself, with a code and what to do', async () => {
  const late = withDeadline(new Promise(() => {})).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(EXECUTION_DEADLINE_MS - 1)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(await late).toMatchObject({ extensions: { code: 'api.deadline', next: expect.stringContaining('again') } })
})

it('passes on what comes in time, good or bad, and leaves no timer behind', async () => {
  expect(await withDeadline(Promise.resolve(7))).toBe(7)
  const broken = new Error('broken')
  await expect(withDeadline(Promise.reject(broken))).rejects.toBe(broken)
  expect(vi.getTimerCount()).toBe(0)
})
