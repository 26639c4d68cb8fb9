import { feeRateOf, MIN_RELAY_FEE_RATE } from './policy.ts'
import type { Pool } from './pool.ts'

const BLOCK_VBYTES = 1_000_000

/**
 * Sats per virtual byte that would place a transaction within the next `blocks` blocks, were they made from the mempool as
 * it is now; one more than the rate it must outbid, and the relay minimum while there is room.
 */
export const estimateFeeRate = (pool: Pool, blocks: number): number => {
  const least = Number(MIN_RELAY_FEE_RATE)
  const room = Math.max(1, Math.floor(blocks)) * BLOCK_VBYTES
  if (pool.totalVsize < room) return least
  let used = 0
  for (const entry of pool.all().sort((a, b) => feeRateOf(b) - feeRateOf(a))) {
    used += entry.vsize
    if (used >= room) return Math.max(least, Math.ceil(feeRateOf(entry)) + 1)
  }
  return least
}
