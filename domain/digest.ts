import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { concat } from './bytes.ts'

/** BIP 340 tagged hash: SHA256(SHA256(tag) ‖ SHA256(tag) ‖ message); a signature for one purpose never fits another. */
export const schnorrDigest = (tag: string, message: Uint8Array): Uint8Array => {
  const prefix = sha256(utf8ToBytes(tag))
  return sha256(concat(prefix, prefix, message))
}
