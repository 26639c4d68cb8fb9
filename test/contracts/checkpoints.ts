import { expect, it } from 'vitest'
import type { Checkpoints } from '../../src/process/port.ts'

/** What every keeper of checkpoints keeps. `open` opens the same one again, or gives undefined when it cannot. */
export const checkpointsContract = (
  use: (work: (open: () => Promise<Checkpoints>) => Promise<void>) => Promise<void>,
) => {
  const parked = { name: 'a', position: 7, at: 1, code: 'x.y', error: 'why' }

  it('starts at 0, and remembers each name', () =>
    use(async (open) => {
      const checkpoints = await open()
      expect(checkpoints.get('a')).toBe(0)
      checkpoints.set('a', 5)
      checkpoints.set('b', 6)
      checkpoints.set('a', 7)
      expect([checkpoints.get('a'), checkpoints.get('b')]).toEqual([7, 6])
      const again = await open()
      expect([again.get('a'), again.get('b')]).toEqual([7, 6])
    }))

  it('parks a fact and goes behind it, until it is unparked', () =>
    use(async (open) => {
      const checkpoints = await open()
      checkpoints.park(parked)
      checkpoints.park({ ...parked, position: 3 })
      checkpoints.park({ ...parked, name: 'b' })
      checkpoints.park({ ...parked, error: 'again' })
      expect(checkpoints.get('a')).toBe(7)
      const again = await open()
      expect(again.parked('a')).toEqual([
        { ...parked, position: 3 },
        { ...parked, error: 'again' },
      ])
      expect(again.parked().map((one) => [one.position, one.name])).toEqual([
        [3, 'a'],
        [7, 'a'],
        [7, 'b'],
      ])
      again.unpark('a', 7)
      again.unpark('a', 8)
      expect((await open()).parked('a').map((one) => one.position)).toEqual([3])
    }))
}
