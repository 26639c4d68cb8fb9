import { sha512 } from '@noble/hashes/sha2.js'
import { deriveKeys, type Keys } from '../../src/wallet/keys.ts'

const known = new Map<string, Keys>()

/** A node's keys follow from its name and are the same in every world: deriving them takes longer than a lease. */
export const keysOf = (name: string): Keys => {
  const keys = known.get(name) ?? deriveKeys(sha512(new TextEncoder().encode(name)), { coinType: 1 })
  known.set(name, keys)
  return keys
}
