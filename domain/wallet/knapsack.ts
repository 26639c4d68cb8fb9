import type { Weighed } from './branch-and-bound.ts'

/** Coins that the search combines, the largest of those below the target; and how often it begins anew. */
const MAX_COMBINED = 100
const ROUNDS = 1_000

/**
 * Coins that come to `target` with little above it: the smallest coin that is enough alone, or the best of many sums of smaller ones
 * (after Bitcoin Core's `KnapsackSolver`). The sums are tried in an order that follows from the coins, so the same wallet always chooses
 * the same.
 *
 * @param coins by falling effective value
 * @returns undefined when the coins that it combines are not enough
 */
export const knapsack = <C extends Weighed>(coins: readonly C[], target: bigint): readonly C[] | undefined => {
  const enough = coins.findLast(({ effective }) => effective >= target)
  const smaller = coins.filter(({ effective }) => effective > 0n && effective < target).slice(0, MAX_COMBINED)
  const all = smaller.reduce((sum, { effective }) => sum + effective, 0n)
  if (all < target) return enough && [enough]
  const combined = bestSum(smaller, target, all)
  return enough !== undefined && enough.effective <= combined.total ? [enough] : combined.coins
}

const bestSum = <C extends Weighed>(
  coins: readonly C[],
  target: bigint,
  all: bigint,
): { readonly coins: readonly C[]; readonly total: bigint } => {
  const toss = tosses(target)
  let best = { coins, total: all }
  for (let round = 0; round < ROUNDS && best.total !== target; round++) {
    const chosen = new Set<number>()
    let total = 0n
    // First by the toss of a coin, then whatever is missing.
    for (let pass = 0; pass < 2 && total < target; pass++) {
      for (const [index, { effective }] of coins.entries()) {
        if (chosen.has(index) || (pass === 0 && !toss())) continue
        chosen.add(index)
        total += effective
        if (total < target) continue
        if (total < best.total) best = { coins: [...chosen].sort((a, b) => a - b).map((at) => coins[at]!), total }
        chosen.delete(index)
        total -= effective
      }
    }
  }
  return best
}

/** Xorshift32: dice without chance, since the same state must lead to the same payment. */
const tosses = (seed: bigint): (() => boolean) => {
  let state = Number(BigInt.asUintN(32, seed)) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state & 1) === 1
  }
}
