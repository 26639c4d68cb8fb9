import type { Coin } from './coin.ts'
import { SEQUENCE_LOCK_DISABLED, SEQUENCE_LOCK_MASK, SEQUENCE_LOCK_SECONDS, SEQUENCE_UNIT_SHIFT } from './locktime.ts'
import type { Transaction } from './transaction.ts'

/**
 * Whether the relative locks of `tx` have passed for a block at `height` (BIP 68).
 *
 * @param coins what each input spends, in order; one that is still in the mempool has the height of the next block
 * @param medianTimeAt median time of the eleven blocks that end at a height
 */
export const sequenceLocksPassed = (
  tx: Transaction,
  coins: readonly Coin[],
  height: number,
  medianTimeAt: (height: number) => number,
): boolean => {
  if (tx.version < 2) return true
  return tx.inputs.every((input, i) => {
    const coin = coins[i]
    if (coin === undefined) throw new RangeError('a coin is missing')
    if (input.sequence >= SEQUENCE_LOCK_DISABLED) return true
    const value = input.sequence & SEQUENCE_LOCK_MASK
    if ((input.sequence & SEQUENCE_LOCK_SECONDS) === 0) return coin.height + value <= height
    const from = medianTimeAt(Math.max(coin.height - 1, 0))
    return from + (value << SEQUENCE_UNIT_SHIFT) <= medianTimeAt(height - 1)
  })
}
