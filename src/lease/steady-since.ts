import type { Clock } from '../clock/port.ts'

/**
 * When something was, in µs of the steady clock. `at` is of the wall clock, which may be set at any time: ask once, as soon as it is
 * known, and count from that. What seems to be in the future is now.
 */
export const steadySince = (clock: Clock, at: number): number =>
  clock.steadyUs() - Math.max(0, clock.now() - at) * 1_000
