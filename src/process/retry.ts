import type { Random } from '../random/port.ts'
import type { Retry } from './port.ts'

/** Eight attempts in about 25 s: longer than a daemon's restart, short enough that somebody learns of it. */
export const DEFAULT_RETRY: Retry = { attempts: 8, firstMs: 200, maxMs: 30_000 }

/** Between half of the wait and all of it, so that many who failed together do not come back together. */
export const backoffMs = ({ firstMs, maxMs }: Retry, failures: number, random: Random): number => {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30))
  const [die = 0] = random.bytes(1)
  return Math.round((whole * (256 + die)) / 512)
}
