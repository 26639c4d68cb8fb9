import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claim } from '../../domain/claim/claim.ts'
import { claimStream } from '../../domain/claim/facts.ts'
import { effect, effectStream } from '../../domain/effect/effect.ts'
import { Fault } from '../../domain/fault.ts'
import { timerStream } from '../../domain/timer/timer.ts'
import { Conflict, type Journal } from '../../src/journal/port.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { askStep, timerStep } from '../../src/process/steps.ts'
import { faultOf } from './journal.ts'

const AT = 1_000
const ID = 'a'.repeat(32)
const asked = { id: ID, kind: 'work', subject: 's' }
const set = { key: 'k', due: 2_000, kind: 'work', subject: 's' }
const taken = (owner: string) => ({
  decider: claim,
  stream: claimStream('cause'),
  command: { kind: 'take', at: AT, owner, ttlMs: 1 } as const,
})

/** An effect and a timer are in the log with what asks for them, or not at all, on every engine. */
export const oneUnitContract = (
  name: string,
  make: () => Promise<{ journal: Journal; remove: () => Promise<void> }>,
): void => {
  describe(`effects and timers in one unit: ${name}`, { timeout: 60_000 }, () => {
    let journal: Journal
    let remove: () => Promise<void>
    beforeEach(async () => {
      ;({ journal, remove } = await make())
    })
    afterEach(async () => {
      await journal.close()
      await remove()
    })
    const lengths = async () =>
      Promise.all(
        [claimStream('cause'), effectStream(ID), timerStream('k')].map(
          async (stream) => (await journal.read(stream)).length,
        ),
      )

    it('are asked for with their cause', async () => {
      await openStreams(journal).transact([taken('a'), askStep(AT, asked), timerStep(AT, set)])
      expect(await lengths()).toEqual([1, 1, 1])
      const all = await journal.readAll(0)
      expect(new Set(all.map(({ commandId }) => commandId)).size).toBe(1)
    })

    it('are not asked for when their cause is refused, nor the cause written when they are', async () => {
      const streams = openStreams(journal)
      await streams.transact([taken('a')])
      expect(await streams.transact([taken('b'), askStep(AT, asked), timerStep(AT, set)])).toMatchObject({
        refused: 'held',
      })
      expect(await lengths()).toEqual([1, 0, 0])
      await streams.transact([askStep(AT, { ...asked, subject: 'other' })])
      const released = { ...taken('a'), command: { kind: 'release', at: AT, owner: 'a' } as const }
      expect(await streams.transact([released, askStep(AT, asked)])).toMatchObject({ refused: 'other-effect' })
      expect(await lengths()).toEqual([1, 1, 0])
    })

    it('are asked for once, however often and by however many writers', async () => {
      const many = Array.from({ length: 5 }, () => openStreams(journal))
      await Promise.all(
        many.flatMap((streams) => [
          streams.transact([askStep(AT, asked), timerStep(AT, set)]),
          streams.transact([askStep(AT, asked)]),
        ]),
      )
      expect(await lengths()).toEqual([0, 1, 1])
    })

    it('are not written by a unit that loses a race elsewhere', async () => {
      const streams = openStreams(journal)
      const also = [{ stream: 'cause', expected: 7, facts: [] }]
      const lost = streams.transact([askStep(AT, asked), timerStep(AT, set)], { also })
      expect(await faultOf(lost)).toBe('journal.conflict')
      expect(await lengths()).toEqual([0, 0, 0])
    })

    it('an effect that was looked at and has changed is seen to have', async () => {
      const streams = openStreams(journal)
      await streams.transact([askStep(AT, asked)])
      const check = () => journal.transact([{ stream: effectStream(ID), expected: 1, facts: [] }])
      await check()
      await streams.execute(effect, effectStream(ID), { kind: 'finish', at: AT })
      const error = await check().catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(Conflict)
      expect((error as Conflict).stream).toBe(effectStream(ID))
      expect(error).toBeInstanceOf(Fault)
    })
  })
}
