import { INCREMENTAL_FEE_RATE } from './policy.ts'

/** The least fee rate of a mempool that has been full halves in this time, in less when there is much room again. */
export const ROLLING_FEE_HALF_LIFE_S = 12 * 60 * 60
/** It is not computed anew more often. */
const UPDATE_S = 10

const INCREMENTAL_PER_KVB = Number(INCREMENTAL_FEE_RATE) * 1000

/** How full the mempool is: 1 at its limit. */
type Fullness = number

/**
 * The least fee rate that a full mempool asks for: what was pushed out last, and a step more. It begins to fall with the first
 * block after that, as Core's does (txmempool.cpp, GetMinFee).
 */
export interface RollingFee {
  /** Sats per 1000 virtual bytes; 0 while there is no such need. */
  least(fullness: Fullness): bigint
  /** Something of this rate, in sats per 1000 virtual bytes, was pushed out. */
  pushedOut(rate: bigint): void
  blockConnected(): void
}

/** @param nowMs wall clock */
export const newRollingFee = (nowMs: () => number): RollingFee => {
  let rate = 0
  let updatedMs = nowMs()
  let falling = false
  return {
    least: (fullness) => {
      if (!falling || rate === 0) return BigInt(Math.round(rate))
      const passedS = (nowMs() - updatedMs) / 1000
      if (passedS > UPDATE_S) {
        const halfLifeS = ROLLING_FEE_HALF_LIFE_S / (fullness < 1 / 4 ? 4 : fullness < 1 / 2 ? 2 : 1)
        rate /= 2 ** (passedS / halfLifeS)
        updatedMs = nowMs()
        if (rate < INCREMENTAL_PER_KVB / 2) {
          rate = 0
          return 0n
        }
      }
      return BigInt(Math.max(Math.round(rate), INCREMENTAL_PER_KVB))
    },
    pushedOut: (gone) => {
      const next = Number(gone) + INCREMENTAL_PER_KVB
      if (next <= rate) return
      rate = next
      falling = false
    },
    blockConnected: () => {
      updatedMs = nowMs()
      falling = true
    },
  }
}
