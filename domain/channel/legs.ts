import { smaller } from '../money.ts'

// A lease has one channel when it is funded, and one more for each top-up: its legs. What is paid goes over them in order.

/** Legs of one lease beside the first: one close spends them all. */
export const MAX_TOP_UPS = 15

/**
 * The least that a leg pays when it pays at all, sats: the provider's output (dust limit 294) and the fee of a lone close
 * (about 180 vB) have to come out of it, or the close would not be worth sending.
 */
export const OPENING_SATS = 1_000n

/** What each leg pays of `paid` in all: the first is filled before the next begins. @returns one sum for each capacity */
export const spread = (paid: bigint, capacities: readonly bigint[]): bigint[] => {
  let left = paid
  return capacities.map((capacity) => {
    const share = smaller(left, capacity)
    left -= share
    return share
  })
}

export const sumOf = (capacities: readonly bigint[]): bigint => capacities.reduce((sum, each) => sum + each, 0n)

/** The sum to pay so that `due` is covered and no leg that is begun pays less than `OPENING_SATS`; never above the capacities. */
export const payable = (due: bigint, capacities: readonly bigint[]): bigint => {
  let below = 0n
  for (const capacity of capacities) {
    if (due > below && due < below + OPENING_SATS) return smaller(below + OPENING_SATS, sumOf(capacities))
    below += capacity
  }
  return smaller(due, below)
}
