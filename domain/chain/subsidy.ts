import type { Network } from './network.ts'

/** Law: no amount or sum is ever above it, in sats (Bitcoin Core consensus/amount.h). */
export const MAX_MONEY = 2_100_000_000_000_000n

export const isMoney = (value: bigint): boolean => value >= 0n && value <= MAX_MONEY

/** New coins of the block at `height`, in sats: halved every `halvingBlocks`, nothing after 64 halvings. */
export const subsidyAt = (network: Network, height: number): bigint => {
  const halvings = Math.floor(height / network.halvingBlocks)
  return halvings >= 64 ? 0n : network.subsidy >> BigInt(halvings)
}
