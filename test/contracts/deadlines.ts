import { expect, it } from 'vitest'
import type { Deadlines } from '../../src/process/port.ts'

const at = (key: string, when: number, subject = 's') => ({ key, at: when, kind: 'lapse', subject })

/** What every keeper of deadlines keeps. `open` opens the same one again. */
export const deadlinesContract = (use: (work: (open: () => Promise<Deadlines>) => Promise<void>) => Promise<void>) => {
  it('gives what is due, earliest first, and the next', () =>
    use(async (open) => {
      const deadlines = await open()
      expect(deadlines.next()).toBeUndefined()
      for (const one of [at('c', 30), at('a', 20), at('b', 20), at('d', 40)]) deadlines.set(one)
      const again = await open()
      expect(again.next()).toEqual(at('a', 20))
      expect(again.due(19, 10)).toEqual([])
      expect(again.due(30, 10).map((one) => one.key)).toEqual(['a', 'b', 'c'])
      expect(again.due(30, 2).map((one) => one.key)).toEqual(['a', 'b'])
    }))

  it('moves one that is set again, and cancels', () =>
    use(async (open) => {
      const deadlines = await open()
      deadlines.set(at('a', 20))
      deadlines.set(at('a', 50, 't'))
      expect(deadlines.due(100, 10)).toEqual([at('a', 50, 't')])
      deadlines.cancel('a')
      deadlines.cancel('never')
      expect(deadlines.next()).toBeUndefined()
    }))

  it('is done with the very one only', () =>
    use(async (open) => {
      const deadlines = await open()
      deadlines.set(at('a', 20))
      deadlines.set(at('a', 50))
      deadlines.done(at('a', 20))
      expect(deadlines.next()).toEqual(at('a', 50))
      deadlines.done(at('a', 50))
      expect(deadlines.next()).toBeUndefined()
    }))

  it('tells listeners, until they stop', () =>
    use(async (open) => {
      const deadlines = await open()
      let told = 0
      const stop = deadlines.onSet(() => {
        told += 1
      })
      deadlines.set(at('a', 1))
      stop()
      deadlines.set(at('b', 1))
      expect(told).toBe(1)
    }))
}
