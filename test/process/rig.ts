import { setTimeout as delay } from 'node:timers/promises'
import { type EffectCommand, effect, effectStream } from '../../domain/effect/effect.ts'
import { isRefusal } from '../../domain/fact.ts'
import { type TimerCommand, timer, timerStream } from '../../domain/timer/timer.ts'
import type { Clock } from '../../src/clock/port.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import type { Snapshots } from '../../src/journal/snapshots.ts'
import { openStreams } from '../../src/journal/streams.ts'
import { type EffectKinds, LOOK_MS } from '../../src/process/port.ts'
import { Processes } from '../../src/process/processes.ts'
import { askStep, timerStep } from '../../src/process/steps.ts'
import { systemRandom } from '../../src/random/system.ts'
import { silent } from '../claim/silent.ts'
import { followUntil } from '../contracts/journal.ts'

export const AT = 1_000_000

export const idOf = (n: number): string => n.toString(16).padStart(32, '0')

/** A clock on which each wait is soon over; long ones, as of who looks after the clock, leave the process some time for others. */
export const briskClock = () => {
  const slept: number[] = []
  let now = AT
  const clock: Clock = {
    now: () => now,
    steadyUs: () => now * 1_000,
    async sleep(ms, signal) {
      if (ms >= LOOK_MS) await delay(5, undefined, signal ? { signal } : {})
      else {
        slept.push(ms)
        await new Promise((resolve) => setImmediate(resolve))
      }
      now += ms
    },
  }
  return { clock, slept }
}

/** A log, and processes over it. */
export const openProcessRig = ({
  kinds,
  journal = memoryJournal(),
  clock = briskClock().clock,
  snapshots,
}: {
  readonly kinds: EffectKinds
  readonly journal?: Journal
  readonly clock?: Clock
  readonly snapshots?: Snapshots
}) => {
  const streams = openStreams(journal)
  const retried: string[] = []
  const jumped: number[] = []
  const counts = { retried: (kind: string) => void retried.push(kind), jumped: (ms: number) => void jumped.push(ms) }
  const parts = { journal, streams, kinds, clock, random: systemRandom, log: silent, counts }
  return {
    journal,
    streams,
    retried,
    jumped,
    start: () => new Processes({ ...parts, name: 'test', ...(snapshots ? { snapshots } : {}) }),
    ask: (n: number, subject = `${n}`, kind = 'work') =>
      streams.transact([askStep(AT, { id: idOf(n), kind, subject })]),
    setTimer: (key: string, due: number, at = AT) =>
      streams.transact([timerStep(at, { key, due, kind: 'work', subject: key })]),
    async tellEffect(n: number, command: EffectCommand): Promise<void> {
      const done = await streams.execute(effect, effectStream(idOf(n)), command)
      if (isRefusal(done)) throw new Error(`${done.refused}: ${done.why}`)
    },
    async tellTimer(key: string, command: TimerCommand): Promise<void> {
      await streams.execute(timer, timerStream(key), command)
    },
    /** Resolves when so many facts of a type are in the log. */
    until: async (type: string, count = 1): Promise<void> => {
      await followUntil(journal, 0, (seen) => seen.filter(({ kind }) => kind === 'fact').length === count, {
        types: [type],
      })
    },
    typesOf: async (n: number): Promise<string[]> =>
      (await journal.read(effectStream(idOf(n)))).map(({ fact }) => fact.type.slice('effect.'.length)),
  }
}
