import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { etc, getPublicKey, hashes, Point, schnorr, sign, verify } from '@noble/secp256k1'
import { concat, equal, toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { parsablePublicKey } from './public-key.ts'

// The library brings no synchronous hash of its own: without these two, every call below throws.
hashes.sha256 = sha256
hashes.hmacSha256 = (key, message) => hmac(sha256, key, message)

const DIGEST_BYTES = 32
const SIGNATURE_BYTES = 64
const X_ONLY_BYTES = 32
const SCALAR_BYTES = 32

/** The reference: audited JavaScript that runs anywhere. About 3,800 ECDSA signatures and 490 verifications a second and core. */
export const nobleCurve: Curve = {
  engine: '@noble/secp256k1 (JavaScript)',
  publicKey: (secret) => getPublicKey(secret, true),
  signEcdsa: (digest, secret) =>
    sign(etc.abytes(digest, DIGEST_BYTES, 'digest'), secret, { prehash: false, lowS: true }),
  verifyEcdsa: (signature, digest, publicKey) => {
    if (signature.length !== SIGNATURE_BYTES || digest.length !== DIGEST_BYTES) return false
    const key = parsablePublicKey(publicKey)
    if (key === undefined) return false
    try {
      return verify(signature, digest, key, { prehash: false, lowS: true })
    } catch {
      return false // r or s out of range, or a point that is not on the curve
    }
  },
  signSchnorr: (message, secret, aux) => schnorr.sign(message, secret, aux),
  verifySchnorr: (signature, message, publicKey) => {
    if (signature.length !== SIGNATURE_BYTES || publicKey.length !== X_ONLY_BYTES) return false
    try {
      return schnorr.verify(signature, message, publicKey)
    } catch {
      return false
    }
  },
  isTweaked: (output, odd, internal, tweak) => {
    const scalar = numberOf(tweak)
    if (tweak.length !== SCALAR_BYTES || scalar >= Point.CURVE().n) return false
    const added = scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar, false)
    try {
      const sum = Point.fromBytes(concat(EVEN, internal)).add(added).toBytes(true)
      return sum[0] === (odd ? 3 : 2) && equal(sum.subarray(1), output)
    } catch {
      return false // the internal key is no point, or the sum is none
    }
  },
}

/** Prefix of a compressed point with an even y: what an x-only key stands for. */
const EVEN = Uint8Array.of(2)

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x0${toHex(bytes)}`)
