import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from './port.ts'

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  steadyUs: () => Number(process.hrtime.bigint() / 1000n),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
}
