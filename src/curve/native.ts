import { createRequire } from 'node:module'
import type { Curve } from '../../domain/chain/curve.ts'
import { nobleCurve } from './noble.ts'
import { parsablePublicKey } from './public-key.ts'

/** The part of npm `secp256k1` 5 that is used here; the package has no types of its own. */
type Secp256k1 = {
  publicKeyCreate(secret: Uint8Array, compressed: boolean): Uint8Array
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { signature: Uint8Array }
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean
}

/**
 * The package's main file answers with slow `elliptic` JavaScript, and says nothing, where no binary loads. So only its binding is asked:
 * it throws there, and this file answers with noble and says so in `engine`.
 */
const loadBinding = (): Secp256k1 | undefined => {
  try {
    return createRequire(import.meta.url)('secp256k1/bindings.js') as Secp256k1
  } catch {
    return undefined
  }
}

/**
 * RFC 6979 reduces the digest by the curve's order before it makes the nonce; this libsecp256k1 does not. Both signatures are good, but equal
 * inputs shall give equal bytes on every engine, so the one digest in 2^32 that may be above the order goes to noble.
 */
const mayExceedOrder = (digest: Uint8Array): boolean => digest.subarray(0, 4).every((byte) => byte === 0xff)

const withBinding = (binding: Secp256k1): Curve => ({
  engine: 'libsecp256k1 (native), Schnorr by @noble/secp256k1',
  publicKey: (secret) => binding.publicKeyCreate(secret, true),
  signEcdsa: (digest, secret) =>
    mayExceedOrder(digest) ? nobleCurve.signEcdsa(digest, secret) : binding.ecdsaSign(digest, secret).signature,
  verifyEcdsa: (signature, digest, publicKey) => {
    const key = parsablePublicKey(publicKey)
    if (key === undefined) return false
    try {
      return binding.ecdsaVerify(signature, digest, key)
    } catch {
      return false // wrong lengths, r or s out of range, or a point that is not on the curve
    }
  },
  signSchnorr: nobleCurve.signSchnorr,
  verifySchnorr: nobleCurve.verifySchnorr,
})

const binding = loadBinding()

/** Whether the native library was loaded on this machine. */
export const hasNative = binding !== undefined

/** About 28,000 ECDSA signatures and 21,000 verifications a second and core; where no binary loads, noble under a name that says so. */
export const nativeCurve: Curve =
  binding === undefined
    ? { ...nobleCurve, engine: `${nobleCurve.engine}; no native libsecp256k1 for this platform` }
    : withBinding(binding)
