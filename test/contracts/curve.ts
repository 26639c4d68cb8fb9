import { secp256k1 } from '@noble/curves/secp256k1.js'
import { equalBytes } from '@noble/curves/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'

const ORDER = secp256k1.Point.Fn.ORDER
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const secrets = bytes32.filter((bytes) => secp256k1.utils.isValidSecretKey(bytes))
const highS = (signature: Uint8Array): Uint8Array => {
  const { r, s } = secp256k1.Signature.fromBytes(signature, 'compact')
  return new secp256k1.Signature(r, ORDER - s).toBytes('compact')
}

/** RFC 6979 with SHA-256 on secp256k1: the vectors that trezor-crypto, bitcoinjs and others agree on; digest = SHA-256 of a sentence. */
const RFC_6979 = [
  {
    secret: '0000000000000000000000000000000000000000000000000000000000000001',
    digest: 'a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e', // "Satoshi Nakamoto"
    signature:
      '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
  },
]

/** BIP 340 test vectors 0 to 3 (aux, message and key of the BIP's csv file). */
const BIP_340 = [
  {
    secret: '0000000000000000000000000000000000000000000000000000000000000003',
    publicKey: 'f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9',
    aux: '0000000000000000000000000000000000000000000000000000000000000000',
    message: '0000000000000000000000000000000000000000000000000000000000000000',
    signature:
      'e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca821525f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0',
  },
]

/** What every `Curve` does, and that it agrees with `reference` on everything, byte for byte. */
export const curveContract = (name: string, curve: Curve, reference: Curve): void => {
  describe(`curve: ${name}`, () => {
    it('signs as RFC 6979 says', () => {
      for (const vector of RFC_6979)
        expect(toHex(curve.signEcdsa(fromHex(vector.digest), fromHex(vector.secret)))).toBe(vector.signature)
    })

    it('signs and verifies as BIP 340 says', () => {
      for (const vector of BIP_340) {
        const signature = curve.signSchnorr(fromHex(vector.message), fromHex(vector.secret), fromHex(vector.aux))
        expect(toHex(signature)).toBe(vector.signature)
        expect(curve.verifySchnorr(signature, fromHex(vector.message), fromHex(vector.publicKey))).toBe(true)
      }
    })

    it('gives the same keys and signatures as the reference', () => {
      fc.assert(
        fc.property(secrets, bytes32, bytes32, (secret, digest, aux) => {
          expect(equalBytes(curve.publicKey(secret), reference.publicKey(secret))).toBe(true)
          expect(equalBytes(curve.signEcdsa(digest, secret), reference.signEcdsa(digest, secret))).toBe(true)
          const schnorr = [curve, reference].map((each) => toHex(each.signSchnorr(digest, secret, aux)))
          expect(schnorr[0]).toBe(schnorr[1])
        }),
        { numRuns: 25 },
      )
    })

    it('signs a digest above the order of the curve as the reference does', () => {
      const secret = new Uint8Array(32).fill(7)
      const digest = new Uint8Array(32).fill(0xff)
      const signature = curve.signEcdsa(digest, secret)
      expect(equalBytes(signature, reference.signEcdsa(digest, secret))).toBe(true)
      expect(curve.verifyEcdsa(signature, digest, curve.publicKey(secret))).toBe(true)
    })

    it('accepts its own signatures with compressed, uncompressed and hybrid keys, and no others', () => {
      fc.assert(
        fc.property(secrets, bytes32, fc.nat(63), (secret, digest, at) => {
          const signature = curve.signEcdsa(digest, secret)
          const point = secp256k1.Point.fromBytes(curve.publicKey(secret))
          const uncompressed = point.toBytes(false)
          const hybrid = (parity: number) => Uint8Array.from([6 + parity, ...uncompressed.subarray(1)])
          const odd = uncompressed[64]! & 1
          expect(curve.verifyEcdsa(signature, digest, point.toBytes(true))).toBe(true)
          expect(curve.verifyEcdsa(signature, digest, uncompressed)).toBe(true)
          expect(curve.verifyEcdsa(signature, digest, hybrid(odd))).toBe(true)
          expect(curve.verifyEcdsa(signature, digest, hybrid(1 - odd))).toBe(false)
          const damaged = Uint8Array.from(signature)
          damaged[at] = damaged[at]! ^ 1
          expect(curve.verifyEcdsa(damaged, digest, uncompressed)).toBe(false)
        }),
        { numRuns: 25 },
      )
    })

    it('makes low S only and refuses high S', () => {
      fc.assert(
        fc.property(secrets, bytes32, (secret, digest) => {
          const signature = curve.signEcdsa(digest, secret)
          const { s } = secp256k1.Signature.fromBytes(signature, 'compact')
          expect(s <= ORDER / 2n).toBe(true)
          expect(curve.verifyEcdsa(highS(signature), digest, curve.publicKey(secret))).toBe(false)
        }),
        { numRuns: 25 },
      )
    })

    it('answers false to garbage and never throws', () => {
      const garbage = fc.oneof(
        fc.uint8Array({ maxLength: 70 }),
        bytes32,
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
      )
      const key = fc.oneof(
        garbage,
        fc.tuple(fc.constantFrom(2, 3), bytes32).map(([prefix, x]) => Uint8Array.from([prefix, ...x])),
        fc
          .tuple(fc.constantFrom(4, 6, 7), fc.uint8Array({ minLength: 64, maxLength: 64 }))
          .map(([prefix, xy]) => Uint8Array.from([prefix, ...xy])),
      )
      fc.assert(
        fc.property(garbage, garbage, key, (signature, message, publicKey) => {
          expect(curve.verifyEcdsa(signature, message, publicKey)).toBe(false)
          expect(curve.verifySchnorr(signature, message, publicKey)).toBe(false)
        }),
        { numRuns: 200 },
      )
    })

    it('refuses r and s that are zero or not below the order', () => {
      const secret = new Uint8Array(32).fill(9)
      const digest = new Uint8Array(32).fill(1)
      const signature = curve.signEcdsa(digest, secret)
      for (const bad of [new Uint8Array(32), fromHex(ORDER.toString(16)), new Uint8Array(32).fill(0xff)]) {
        for (const at of [0, 32]) {
          const changed = Uint8Array.from(signature)
          changed.set(bad, at)
          expect(curve.verifyEcdsa(changed, digest, curve.publicKey(secret))).toBe(false)
        }
      }
    })

    it('throws on a secret or digest that nobody could sign with', () => {
      const secret = new Uint8Array(32).fill(9)
      for (const bad of [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array(32).fill(0xff)]) {
        expect(() => curve.signEcdsa(new Uint8Array(32), bad)).toThrow()
        expect(() => curve.publicKey(bad)).toThrow()
      }
      expect(() => curve.signEcdsa(new Uint8Array(31), secret)).toThrow()
    })
  })
}
