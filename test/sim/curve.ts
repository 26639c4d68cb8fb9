import { toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { nativeCurve } from '../../src/curve/native.ts'

/**
 * The real curve, which remembers what it has signed: those signatures are good, and are not computed again. All others are judged. It is
 * one for all nodes of a world, so most of what they check of each other is known.
 */
export const knowingCurve = (curve: Curve = nativeCurve): Curve => {
  const made = new Set<string>()
  const keys = new Map<string, Uint8Array>()
  const publicKey = (secret: Uint8Array): Uint8Array => {
    const name = toHex(secret)
    const known = keys.get(name) ?? curve.publicKey(secret)
    keys.set(name, known)
    return known
  }
  const name = (signature: Uint8Array, digest: Uint8Array, key: Uint8Array) =>
    `${toHex(signature)}${toHex(digest)}${toHex(key)}`
  return {
    ...curve,
    publicKey,
    signEcdsa(digest, secret) {
      const signature = curve.signEcdsa(digest, secret)
      made.add(name(signature, digest, publicKey(secret)))
      return signature
    },
    verifyEcdsa: (signature, digest, key) =>
      made.has(name(signature, digest, key)) || curve.verifyEcdsa(signature, digest, key),
    signSchnorr(message, secret, aux) {
      const signature = curve.signSchnorr(message, secret, aux)
      made.add(name(signature, message, publicKey(secret).subarray(1)))
      return signature
    },
    verifySchnorr: (signature, message, key) =>
      made.has(name(signature, message, key)) || curve.verifySchnorr(signature, message, key),
  }
}
