/** Waiting times between attempts to reach somebody: doubling from the first to the last, ms. */
export const FIRST_WAIT_MS = 200
export const LONGEST_WAIT_MS = 3_000

export const backoffMs = (attempt: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10))
