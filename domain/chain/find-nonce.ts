import type { BlockHeader } from './block.ts'
import { headerHash } from './codec.ts'
import { midstateOf, scanNonces } from './midstate.ts'
import { targetOf } from './pow.ts'

/**
 * Tries nonces from `header.nonce` on.
 *
 * @param scan what looks through them: plain JavaScript, or an engine that does the same faster
 * @returns the header with work; undefined when none of `tries` met the target
 */
export const findNonce = (
  header: BlockHeader,
  tries: number,
  scan: typeof scanNonces = scanNonces,
): BlockHeader | undefined => {
  const target = targetOf(header.bits)
  if (target === undefined) return undefined
  const most = Number(target >> 224n)
  const midstate = midstateOf(header)
  const end = header.nonce + tries
  for (let nonce: number | undefined = header.nonce; ; nonce++) {
    nonce = scan(midstate, most, nonce, end - nonce)
    if (nonce === undefined) return undefined
    const candidate = { ...header, nonce }
    if (BigInt(`0x${headerHash(candidate)}`) <= target) return candidate
  }
}
