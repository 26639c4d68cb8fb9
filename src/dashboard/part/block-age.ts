/** A chain whose newest block is older may not be read to its end, or stands still, s. Blocks come every ten minutes or faster. */
export const OLD_BLOCK_S = 3 * 3_600

/** How old the newest block is, s; undefined: there is none. */
export const blockAgeS = (now: string, newest: string | undefined): number | undefined =>
  newest === undefined ? undefined : Math.max(0, (Date.parse(now) - Date.parse(newest)) / 1_000)
