/** A first lease locks so much of what the wallet has at the most. */
const PART = 100n
const LEAST_SATS = 10_000n
const MOST_SATS = 2_000_000n

/**
 * The most that an hour of a first machine may cost, when nothing is known of prices: what it locks is little of what is there, and it is
 * neither less than a channel needs nor more than anybody would want to pay for a look.
 *
 * @returns sats
 */
export const firstCeiling = (hasSats: bigint, minutes: number): bigint => {
  const fits = ((hasSats / PART) * 60n) / BigInt(Math.max(1, Math.ceil(minutes)))
  return fits < LEAST_SATS ? LEAST_SATS : fits > MOST_SATS ? MOST_SATS : fits
}
