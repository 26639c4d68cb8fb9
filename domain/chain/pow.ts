import type { BlockHeader } from './block.ts'
import { headerHash } from './codec.ts'
import type { Network } from './network.ts'

/** The target that a compact form means; undefined when it is negative, zero or above 256 bits, which no hash meets. */
export const targetOf = (bits: number): bigint | undefined => {
  const exponent = bits >>> 24
  const mantissa = BigInt(bits & 0x007fffff)
  const target = exponent <= 3 ? mantissa >> BigInt(8 * (3 - exponent)) : mantissa << BigInt(8 * (exponent - 3))
  if (target === 0n || (bits & 0x00800000) !== 0 || target >> 256n !== 0n) return undefined
  return target
}

/** The compact form of a target; digits below its three bytes are lost. */
export const bitsOf = (target: bigint): number => {
  if (target <= 0n || target >> 256n !== 0n) throw new RangeError(`not a target: ${target}`)
  let exponent = Math.ceil(target.toString(16).length / 2)
  let mantissa = Number(exponent <= 3 ? target << BigInt(8 * (3 - exponent)) : target >> BigInt(8 * (exponent - 3)))
  // The top bit of the mantissa is a sign, so a number that has it moves one byte up.
  if ((mantissa & 0x00800000) !== 0) {
    mantissa >>= 8
    exponent += 1
  }
  return ((exponent << 24) | mantissa) >>> 0
}

/** Whether a block's hash meets the target it states, and that target is one the network allows at all. */
export const checkProofOfWork = (header: BlockHeader, network: Network): boolean => {
  const target = targetOf(header.bits)
  const limit = targetOf(network.powLimitBits)
  if (target === undefined || limit === undefined || target > limit) return false
  return BigInt(`0x${headerHash(header)}`) <= target
}

/** Hashes expected to find such a block: 2²⁵⁶ / (target + 1). Most work wins. A target that nothing meets is no work. */
export const workOf = (bits: number): bigint => {
  const target = targetOf(bits)
  return target === undefined ? 0n : (1n << 256n) / (target + 1n)
}
