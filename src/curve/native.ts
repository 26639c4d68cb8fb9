import { createRequire } from 'node:module'
import { equal, fromHex, toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { CURVE_ORDER } from '../../domain/chain/der.ts'
import { taggedHash } from '../../domain/chain/hash.ts'
import { mayExceedOrder } from './digest.ts'
import { nobleCurve } from './noble.ts'
import { parsablePublicKey } from './public-key.ts'
import { wasmCurve } from './wasm.ts'

/** The part of npm `secp256k1` 5 that is used here; the package has no types of its own. */
type Secp256k1 = {
  /** The three that take a secret change it in place. */
  privateKeyNegate(secret: Uint8Array): Uint8Array
  privateKeyTweakAdd(secret: Uint8Array, tweak: Uint8Array): Uint8Array
  privateKeyTweakMul(secret: Uint8Array, tweak: Uint8Array): Uint8Array
  publicKeyCreate(secret: Uint8Array, compressed: boolean): Uint8Array
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { signature: Uint8Array }
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean
  publicKeyTweakAdd(publicKey: Uint8Array, tweak: Uint8Array, compressed: boolean): Uint8Array
  publicKeyTweakMul(publicKey: Uint8Array, tweak: Uint8Array, compressed: boolean): Uint8Array
}

/**
 * The package's main file answers with slow `elliptic` JavaScript, and says nothing, where no binary loads. So only its binding is asked:
 * it throws there, and this file answers with WebAssembly and says so in `engine`.
 */
const loadBinding = (): Secp256k1 | undefined => {
  try {
    return createRequire(import.meta.url)('secp256k1/bindings.js') as Secp256k1
  } catch {
    return undefined
  }
}

/** Prefixes of compressed points. */
const EVEN = 2
const ODD = 3

const pointOf = (x: Uint8Array): Uint8Array => Uint8Array.from([EVEN, ...x])

const isPoint = (point: Uint8Array, prefix: number, x: Uint8Array): boolean =>
  point[0] === prefix && equal(point.subarray(1), x)

/**
 * BIP 340 out of what this libsecp256k1 has, which is built without its Schnorr module: R = s·G − e·P must have the x of the signature and
 * an even y. Both steps are its own variable-time point operations and throw where a number is no scalar or a sum is no point.
 */
const verifySchnorrWith = (
  binding: Secp256k1,
  signature: Uint8Array,
  message: Uint8Array,
  key: Uint8Array,
): boolean => {
  const r = signature.subarray(0, 32)
  const e = BigInt(`0x${toHex(taggedHash('BIP0340/challenge', r, key, message))}`) % CURVE_ORDER
  // One hash in 2^256 is zero, and zero is no factor there.
  if (e === 0n) return nobleCurve.verifySchnorr(signature, message, key)
  const minusE = fromHex((CURVE_ORDER - e).toString(16).padStart(64, '0'))
  const rest = binding.publicKeyTweakMul(pointOf(key), minusE, true)
  return isPoint(binding.publicKeyTweakAdd(rest, signature.subarray(32), true), EVEN, r)
}

/**
 * BIP 340's signing out of the same library's operations on secrets, all of which take the same time whatever the secret is: R = k·G, and
 * s = k + e·d. Five times as fast as the WebAssembly.
 * @throws where a hash is no scalar: one in 2^128 is not
 */
const signSchnorrWith = (binding: Secp256k1, message: Uint8Array, secret: Uint8Array, aux: Uint8Array): Uint8Array => {
  /** The scalar whose point has an even y, and the x of that. */
  const evenOf = (scalar: Uint8Array): readonly [Uint8Array, Uint8Array] => {
    const own = Uint8Array.from(scalar)
    const point = binding.publicKeyCreate(own, true)
    return [point[0] === ODD ? binding.privateKeyNegate(own) : own, point.subarray(1)]
  }
  const [d, key] = evenOf(secret)
  const mask = taggedHash('BIP0340/aux', aux)
  const masked = d.map((byte, i) => byte ^ mask[i]!)
  const [k, r] = evenOf(taggedHash('BIP0340/nonce', masked, key, message))
  const e = taggedHash('BIP0340/challenge', r, key, message)
  return Uint8Array.from([...r, ...binding.privateKeyTweakAdd(binding.privateKeyTweakMul(d, e), k)])
}

const withBinding = (binding: Secp256k1): Curve => ({
  engine: 'libsecp256k1 (native)',
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
  signSchnorr: (message, secret, aux) => {
    try {
      return signSchnorrWith(binding, message, secret, aux)
    } catch {
      return wasmCurve.signSchnorr(message, secret, aux) // it says what is wrong, or knows better
    }
  },
  verifySchnorr: (signature, message, publicKey) => {
    if (signature.length !== 64 || publicKey.length !== 32) return false
    try {
      return verifySchnorrWith(binding, signature, message, publicKey)
    } catch {
      return false // s out of range, the key is no point, or R is none
    }
  },
  isTweaked: (output, odd, internal, tweak) => {
    try {
      return isPoint(binding.publicKeyTweakAdd(pointOf(internal), tweak, true), odd ? ODD : EVEN, output)
    } catch {
      return false // tweak out of range, the internal key is no point, or the sum is none
    }
  },
})

const binding = loadBinding()

/** Whether the native library was loaded on this machine. */
export const hasNative = binding !== undefined

/**
 * About 28,000 ECDSA signatures and 21,000 verifications a second and core; where no binary loads, the same library in WebAssembly, under a
 * name that says so.
 */
export const nativeCurve: Curve =
  binding === undefined
    ? { ...wasmCurve, engine: `${wasmCurve.engine}; no native libsecp256k1 for this platform` }
    : withBinding(binding)
