import { createRequire } from 'node:module'
import type { Curve } from '../../domain/chain/curve.ts'
import { mayExceedOrder } from './digest.ts'
import { nobleCurve } from './noble.ts'
import { parsablePublicKey } from './public-key.ts'

type Wasm = typeof import('tiny-secp256k1')

let loaded: Wasm | undefined
/** Compiling a megabyte takes a while, and most programs that load this file never ask. */
const wasm = (): Wasm => {
  loaded ??= createRequire(import.meta.url)('tiny-secp256k1') as Wasm
  return loaded
}

/** libsecp256k1 takes messages of this length only; BIP 340 allows any. */
const MESSAGE_BYTES = 32

/** libsecp256k1 in WebAssembly: runs on every platform. About 4,800 ECDSA or Schnorr verifications a second and core. */
export const wasmCurve: Curve = {
  engine: 'libsecp256k1 (WebAssembly)',
  publicKey: (secret) => mustBe(wasm().pointFromScalar(secret, true)),
  signEcdsa: (digest, secret) =>
    mayExceedOrder(digest) ? nobleCurve.signEcdsa(digest, secret) : wasm().sign(digest, secret),
  verifyEcdsa: (signature, digest, publicKey) => {
    const key = parsablePublicKey(publicKey)
    if (key === undefined) return false
    try {
      return wasm().verify(digest, key, signature, true)
    } catch {
      return false // wrong lengths, r or s out of range, or a point that is not on the curve
    }
  },
  signSchnorr: (message, secret, aux) =>
    message.length === MESSAGE_BYTES
      ? wasm().signSchnorr(message, secret, aux)
      : nobleCurve.signSchnorr(message, secret, aux),
  verifySchnorr: (signature, message, publicKey) => {
    if (message.length !== MESSAGE_BYTES) return nobleCurve.verifySchnorr(signature, message, publicKey)
    try {
      return wasm().verifySchnorr(message, publicKey, signature)
    } catch {
      return false
    }
  },
  isTweaked: (output, odd, internal, tweak) => {
    try {
      return wasm().xOnlyPointAddTweakCheck(internal, tweak, output, odd ? 1 : 0)
    } catch {
      return false // tweak out of range, or one of the keys is no point
    }
  },
}

const mustBe = (point: Uint8Array | null): Uint8Array => {
  if (point === null) throw new RangeError('this secret has no public key')
  return point
}
