import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { PAUSES, type PauseCode } from '../../domain/lease/pauses.ts'
import type { Machines } from '../../src/machine/port.ts'
import type { Seeker } from '../../src/market/seeker.ts'
import { openSpare } from '../../src/node/spare.ts'
import { steppedClock } from '../process/stepped-clock.ts'

const say = () => {}
const log = { debug: say, info: say, warn: say, error: say }
/** What a provider pauses a lease for by itself, and by which `--when`. */
const BY: Readonly<Partial<Record<PauseCode, string>>> = {
  'owner-busy': 'idle',
  'memory-short': 'idle',
  'outside-hours': 'hours',
}

/** The pauses that a lease of before the restart still has when its provider runs with this `--when`. */
const pausesUnder = async (when: string): Promise<PauseCode[]> => {
  const pauses = new Set(Object.keys(PAUSES) as PauseCode[])
  const pause = (code: PauseCode, paused: boolean) => void (paused ? pauses.add(code) : pauses.delete(code))
  const seeker = { running: [['a', { pause }]] } as unknown as Seeker
  const { clock } = steppedClock(Date.UTC(2026, 0, 1, 12))
  const giving = openSpare({ when }, { clock, log } as never).begin(seeker, {} as Machines)
  await setImmediate()
  await giving.close()
  return [...pauses]
}

it.each([
  ['always', 'always'],
  ['idle', 'idle'],
  ['00:00-24:00', 'hours'],
])('with --when %s nothing stands still for what another --when paused it for', async (when, kind) => {
  const left = await pausesUnder(when)
  for (const [code, by] of Object.entries(BY))
    expect([code, left.includes(code as PauseCode)]).toEqual([code, by === kind])
  for (const code of ['asked-by-publisher', 'asked-by-provider'] as const) expect(left).toContain(code)
})
