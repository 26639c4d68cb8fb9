import { afterEach, describe, expect, it } from 'vitest'
import { LOOK_MS } from '../../src/process/port.ts'
import type { Processes } from '../../src/process/processes.ts'
import { AT, openProcessRig } from './rig.ts'
import { steppedClock } from './stepped-clock.ts'

const LIMIT_MS = 60_000
const HOUR_MS = 3_600_000

const rigWithClock = () => {
  const stepped = steppedClock(AT)
  const fired: string[] = []
  const kinds = {
    work: {
      async do({ subject }: { readonly subject: string }) {
        fired.push(subject)
        return undefined
      },
    },
  }
  return { ...openProcessRig({ kinds, clock: stepped.clock }), stepped, fired }
}

describe('timers', { timeout: LIMIT_MS }, () => {
  const running: Processes[] = []
  afterEach(async () => {
    for (const processes of running.splice(0)) await processes.close()
  })
  const open = () => {
    const rig = rigWithClock()
    return { ...rig, run: () => void running.push(rig.start()) }
  }
  const timesFired = async ({ journal }: ReturnType<typeof open>): Promise<number> =>
    (await journal.readAll(0, { types: ['timer.fired'] })).length

  it('fire at their time, overdue ones at the start, and each asks for its effect in the same unit', async () => {
    const rig = open()
    await rig.setTimer('late', AT - 5_000)
    await rig.setTimer('soon', AT + 70)
    rig.run()
    await rig.until('effect.done', 1)
    expect(rig.fired).toEqual(['late'])
    await rig.stepped.asleepUntil(AT + 70)
    rig.stepped.advance(70)
    await rig.until('effect.done', 2)
    expect(rig.fired).toEqual(['late', 'soon'])
    const facts = await rig.journal.readAll(0, { types: ['timer.fired', 'effect.asked'] })
    const units = Map.groupBy(facts, ({ commandId }) => commandId)
    expect(units.size).toBe(2)
    for (const unit of units.values())
      expect(unit.map(({ fact }) => fact.type)).toEqual(['timer.fired', 'effect.asked'])
  })

  it('wake for an earlier one, go with what they are moved to, and not when they are cancelled', async () => {
    const rig = open()
    await rig.setTimer('b', AT + 4_000)
    rig.run()
    await rig.stepped.asleepUntil(AT + 4_000)
    await rig.setTimer('a', AT + 50)
    await rig.stepped.asleepUntil(AT + 50)
    await rig.setTimer('a', AT + 1_000)
    await rig.setTimer('c', AT + 20)
    await rig.tellTimer('c', { kind: 'cancel', at: AT })
    await rig.stepped.asleepUntil(AT + 1_000)
    rig.stepped.advance(1_000)
    await rig.until('effect.done', 1)
    await rig.stepped.asleepUntil(AT + 4_000)
    rig.stepped.advance(3_000)
    await rig.until('effect.done', 2)
    expect(rig.fired).toEqual(['a', 'b'])
    expect(await timesFired(rig)).toBe(2)
  })

  it('are not delayed by a wall clock that is set back', async () => {
    const rig = open()
    rig.run()
    await rig.setTimer('a', AT + 3_000)
    await rig.stepped.asleepUntil(AT + 3_000)
    rig.stepped.jump(-HOUR_MS)
    rig.stepped.advance(3_000)
    await rig.until('effect.done', 1)
    expect(rig.fired).toEqual(['a'])
    expect(rig.jumped).toEqual([-HOUR_MS])
  })

  it('that were set before a wall clock went back, and seen after it, take no longer either', async () => {
    const rig = open()
    await rig.setTimer('a', AT + 3_000)
    rig.stepped.jump(-HOUR_MS)
    rig.run()
    await rig.stepped.asleepUntil(AT + 3_000)
    rig.stepped.advance(3_000)
    await rig.until('effect.done', 1)
    expect(rig.fired).toEqual(['a'])
  })

  it('that are due when the wall clock goes ahead, or the machine slept, fire at the next look, once', async () => {
    const rig = open()
    rig.run()
    await rig.setTimer('a', AT + HOUR_MS)
    await rig.setTimer('b', AT + 5 * HOUR_MS)
    await rig.stepped.asleepUntil(AT + LOOK_MS)
    rig.stepped.jump(2 * HOUR_MS)
    rig.stepped.advance(LOOK_MS)
    await rig.until('effect.done', 1)
    expect(rig.jumped).toEqual([2 * HOUR_MS])
    // The clock is put right, and the time comes once more: it has fired.
    await rig.stepped.asleepUntil(AT + 2 * LOOK_MS)
    rig.stepped.jump(-2 * HOUR_MS)
    rig.stepped.advance(LOOK_MS)
    await rig.stepped.asleepUntil(AT + 3 * LOOK_MS)
    rig.stepped.advance(HOUR_MS)
    await rig.stepped.asleepUntil(AT + 2 * LOOK_MS + HOUR_MS + LOOK_MS)
    expect(rig.fired).toEqual(['a'])
    expect(await timesFired(rig)).toBe(1)
    expect(rig.jumped).toEqual([2 * HOUR_MS, -2 * HOUR_MS])
  })

  it('fire once whoever tries', async () => {
    const rig = open()
    await rig.setTimer('a', AT - 1)
    rig.run()
    rig.run()
    rig.run()
    await rig.until('effect.done', 1)
    await Promise.all(running.splice(0).map((processes) => processes.close()))
    expect(await timesFired(rig)).toBe(1)
  })
})
