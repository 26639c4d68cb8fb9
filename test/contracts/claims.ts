import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fenced } from '../../src/claim/fenced.ts'
import type { Claims } from '../../src/claim/port.ts'
import { whileHeld } from '../../src/claim/while-held.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'

const noted = (n: number) => ({ type: 'test.noted', at: n })

/** What all claims keep, seen from one node that nobody disturbs. */
export const claimsContract = (
  name: string,
  make: () => Promise<{ claims: Claims; journal?: Journal; remove: () => Promise<void> }>,
): void => {
  describe(`claims: ${name}`, { timeout: 60_000 }, () => {
    let claims: Claims
    let journal: Journal
    let remove: () => Promise<void>
    const stop = new AbortController()
    beforeEach(async () => {
      const made = await make()
      ;({ claims, remove } = made)
      journal = made.journal ?? memoryJournal()
    })
    afterEach(async () => {
      await claims.close()
      await journal.close()
      await remove()
    })

    it('gives what nobody has, and again when it was given back', async () => {
      for (let round = 0; round < 3; round++) {
        const held = await claims.hold('work', stop.signal)
        expect(held.name).toBe('work')
        held.check()
        expect(held.signal.aborted).toBe(false)
        await held.release()
        expect(held.signal.aborted).toBe(true)
        await held.release()
      }
    })

    it('gives several at once', async () => {
      const [a, b] = await Promise.all([claims.hold('a', stop.signal), claims.hold('b', stop.signal)])
      await a.release()
      b.check()
      expect(b.signal.aborted).toBe(false)
    })

    it('gives one to one at a time, also in one process', async () => {
      const order: string[] = []
      const first = await claims.hold('work', stop.signal)
      const second = claims.hold('work', stop.signal).then(async (held) => {
        order.push('second has it')
        await held.release()
      })
      const impatient = new AbortController()
      const third = claims.hold('work', impatient.signal)
      impatient.abort(new Error('no patience'))
      await expect(third).rejects.toThrow('no patience')
      order.push('first lets go')
      await first.release()
      await second
      expect(order).toEqual(['first lets go', 'second has it'])
    })

    it('lets the holder write, and stops its signal with the one that it was asked with', async () => {
      const mine = new AbortController()
      const held = await claims.hold('work', mine.signal)
      const guarded = fenced(journal, held)
      await guarded.transact([{ stream: 's', expected: 0, facts: [noted(1)] }])
      await guarded.transact([{ stream: 's', expected: 1, facts: [noted(2)] }], { commandId: 'once' })
      await guarded.transact([{ stream: 's', expected: 1, facts: [noted(2)] }], { commandId: 'once' })
      await expect(guarded.transact([{ stream: 's', expected: 7, facts: [] }])).rejects.toMatchObject({
        code: 'journal.conflict',
        stream: 's',
      })
      expect(held.signal.aborted).toBe(false)
      expect((await guarded.read('s')).map(({ fact }) => fact.at)).toEqual([1, 2])
      mine.abort(new Error('over'))
      expect(held.signal.aborted).toBe(true)
    })

    it('gives back what is held when it is closed', async () => {
      const held = await claims.hold('work', stop.signal)
      await claims.close()
      expect(held.signal.aborted).toBe(true)
    })

    it('does work while it holds, to its end, and passes on how it failed', async () => {
      const did: string[] = []
      await whileHeld(claims, 'work', stop.signal, async ({ name }) => void did.push(name))
      expect(did).toEqual(['work'])
      const failing = whileHeld(claims, 'work', stop.signal, () => Promise.reject(new Error('not its claim')))
      await expect(failing).rejects.toThrow('not its claim')
      const over = new AbortController()
      await whileHeld(claims, 'work', over.signal, async (held) => {
        over.abort()
        expect(held.signal.aborted).toBe(true)
      })
      await whileHeld(claims, 'work', over.signal, () => Promise.reject(new Error('never called')))
    })
  })
}
