import { createHash } from 'node:crypto'
import type { Curve } from '../../domain/chain/curve.ts'
import { nativeCurve } from '../../src/curve/native.ts'

/**
 * The real curve, which remembers what it has signed: those signatures are good, and are not computed again. All others are judged. It is
 * one for all nodes of a world, so most of what they check of each other is known. Schnorr signatures never come to the chain, so whoever
 * checks them asks here: they are only a hash of what they are over, and good because they are remembered.
 */
export const knowingCurve = (curve: Curve = nativeCurve): Curve => {
  const made = new Set<string>()
  const keys = new Map<string, Uint8Array>()
  const publicKey = (secret: Uint8Array): Uint8Array => {
    const id = text(secret)
    const known = keys.get(id) ?? curve.publicKey(secret)
    keys.set(id, known)
    return known
  }
  const name = (signature: Uint8Array, digest: Uint8Array, key: Uint8Array) =>
    `${text(signature)}${text(digest)}${text(key)}`
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
    signSchnorr(message, secret) {
      const signature = Uint8Array.from(createHash('sha512').update(secret).update(message).digest())
      made.add(name(signature, message, publicKey(secret).subarray(1)))
      return signature
    },
    verifySchnorr: (signature, message, key) =>
      made.has(name(signature, message, key)) || curve.verifySchnorr(signature, message, key),
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
