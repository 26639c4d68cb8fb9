import type { BlockHeader } from './block.ts'
import { headerHash } from './codec.ts'
import { midstateOf, scanNonces } from './midstate.ts'
import { targetOf } from './pow.ts'

/** The highest 32 bits that a hash may have under `bits`; undefined for a target that nothing meets. */
export const highestWordOf = (bits: number): number | undefined => {
  const target = targetOf(bits)
  return target === undefined ? undefined : Number(target >> 224n)
}

/**
 * Tries nonces from `header.nonce` on.
 *
 * @returns the header with work; undefined when none of `tries` met the target
 */
export const findNonce = (header: BlockHeader, tries: number): BlockHeader | undefined => {
  const target = targetOf(header.bits)
  const most = highestWordOf(header.bits)
  if (target === undefined || most === undefined) return undefined
  const midstate = midstateOf(header)
  const end = header.nonce + tries
  for (let nonce: number | undefined = header.nonce; ; nonce++) {
    nonce = scanNonces(midstate, most, nonce, end - nonce)
    if (nonce === undefined) return undefined
    const candidate = { ...header, nonce }
    if (BigInt(`0x${headerHash(candidate)}`) <= target) return candidate
  }
}
