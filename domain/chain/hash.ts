import { ripemd160 } from '@noble/hashes/legacy.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { concat } from '../bytes.ts'
import { sha256 } from './sha256.ts'

export { sha1 } from '@noble/hashes/legacy.js'
export { ripemd160, sha256 }

/** SHA-256 twice: ids of transactions and blocks, BIP 143 digests. */
export const sha256d = (bytes: Uint8Array): Uint8Array => sha256(sha256(bytes))

/** RIPEMD-160 of SHA-256: key hashes in scripts, 20 bytes. */
export const hash160 = (bytes: Uint8Array): Uint8Array => ripemd160(sha256(bytes))

const tagPrefixes = new Map<string, Uint8Array>()

/** A hash that cannot be mistaken for one made for another purpose (BIP 340, "tagged hashes"). Tags are literals of the code. */
export const taggedHash = (tag: string, ...parts: Uint8Array[]): Uint8Array => {
  let prefix = tagPrefixes.get(tag)
  if (prefix === undefined) {
    const tagHash = sha256(utf8ToBytes(tag))
    prefix = concat(tagHash, tagHash)
    tagPrefixes.set(tag, prefix)
  }
  return sha256(concat(prefix, ...parts))
}
