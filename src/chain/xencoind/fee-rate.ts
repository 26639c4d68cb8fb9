import type { Confirmation, FeeHistory } from './fee-history.ts'
import { feeRateOf, MIN_RELAY_FEE_RATE } from './policy.ts'
import type { Pool } from './pool.ts'

const BLOCK_VBYTES = 1_000_000
/** Fewer transactions tell nothing. */
export const LEAST_SAMPLES = 20
/** Of those that paid a rate, so many must have been in time for it to be named. */
export const IN_TIME = 0.85

export type FeeParts = { readonly pool: Pool; readonly history: FeeHistory; readonly height: number }

/**
 * Sats per virtual byte to be in one of the next `blocks` blocks: the least rate with which most of what this node saw was in
 * time, or what outbids the mempool, whichever is more. Undefined while too little was seen and there is room for everyone: a
 * young chain cannot tell.
 */
export const estimateFeeRate = ({ pool, history, height }: FeeParts, blocks: number): number | undefined => {
  const target = Math.max(1, Math.floor(blocks))
  const waiting = pool.all().map((entry) => ({ rate: feeRateOf(entry), waited: height - entry.height + 1 }))
  const seen = leastInTime([...history.all(), ...waiting.filter(({ waited }) => waited > target)], target)
  const outbids = outbidding(pool, target)
  if (seen === undefined && outbids === undefined) return undefined
  return Math.max(Number(MIN_RELAY_FEE_RATE), seen ?? 0, outbids ?? 0)
}

/** Goes from what paid most to what paid least, for as long as most were in time. */
const leastInTime = (samples: Confirmation[], target: number): number | undefined => {
  if (samples.length < LEAST_SAMPLES) return undefined
  samples.sort((a, b) => b.rate - a.rate)
  let inTime = 0
  let least: number | undefined
  for (const [i, { rate, waited }] of samples.entries()) {
    if (waited <= target) inTime++
    // Whoever paid the same is one group: only its end counts.
    const ends = samples[i + 1]?.rate !== rate
    if (ends && i + 1 >= LEAST_SAMPLES && inTime / (i + 1) >= IN_TIME) least = rate
  }
  return least
}

/** One more than what stands at the end of the room that `blocks` blocks have; undefined while the mempool does not fill them. */
const outbidding = (pool: Pool, blocks: number): number | undefined => {
  const room = blocks * BLOCK_VBYTES
  if (pool.totalVsize < room) return undefined
  let used = 0
  for (const entry of pool.all().sort((a, b) => feeRateOf(b) - feeRateOf(a))) {
    used += entry.vsize
    if (used >= room) return Math.ceil(feeRateOf(entry)) + 1
  }
  return undefined
}
