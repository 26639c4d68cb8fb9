import { createRequire } from 'node:module'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { equalBytes } from '@noble/curves/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'

/** The vectors of the BIP, as npm's bitcore-lib ships them. */
const bip340 = createRequire(import.meta.url)('bitcore-lib/test/data/bip340.js') as {
  index: number
  secret_key: string
  public_key: string
  aux_rand: string
  message: string
  signature: string
  verification_result: boolean
}[]
const BIP_340_VECTORS = 15

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

/** What every `Curve` does, and that it agrees with `reference` on everything, byte for byte. */
export const curveContract = (name: string, curve: Curve, reference: Curve): void => {
  describe(`curve: ${name}`, () => {
    it('signs as RFC 6979 says', () => {
      for (const vector of RFC_6979)
        expect(toHex(curve.signEcdsa(fromHex(vector.digest), fromHex(vector.secret)))).toBe(vector.signature)
    })

    it('answers each of the BIP 340 vectors as the BIP says', () => {
      for (const vector of bip340) {
        const [message, signature] = [fromHex(vector.message), fromHex(vector.signature)]
        const answer = curve.verifySchnorr(signature, message, fromHex(vector.public_key))
        expect(answer, `vector ${vector.index}`).toBe(vector.verification_result)
        if (vector.secret_key === '') continue
        expect(curve.signSchnorr(message, fromHex(vector.secret_key), fromHex(vector.aux_rand))).toEqual(signature)
      }
      expect(bip340.length).toBe(BIP_340_VECTORS)
    })

    it('knows which output key a tweak makes, with its parity, and no other', () => {
      const G = secp256k1.Point.BASE
      fc.assert(
        fc.property(secrets, secrets, fc.nat(31), (secret, tweak, at) => {
          const internal = curve.publicKey(secret).subarray(1)
          const sum = secp256k1.Point.fromBytes(Uint8Array.from([2, ...internal])).add(
            G.multiply(BigInt(`0x${toHex(tweak)}`)),
          )
          const [prefix, ...x] = sum.toBytes(true)
          const output = Uint8Array.from(x)
          const odd = prefix === 3
          const damaged = (bytes: Uint8Array) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
          expect(curve.isTweaked(output, odd, internal, tweak)).toBe(true)
          expect(curve.isTweaked(output, !odd, internal, tweak)).toBe(false)
          expect(curve.isTweaked(damaged(output), odd, internal, tweak)).toBe(false)
          expect(curve.isTweaked(output, odd, damaged(internal), tweak)).toBe(false)
          expect(curve.isTweaked(output, odd, internal, damaged(tweak))).toBe(false)
        }),
        { numRuns: 25 },
      )
    })

    it('a tweak of zero changes nothing, and one that is no scalar is refused', () => {
      const publicKey = curve.publicKey(new Uint8Array(32).fill(5))
      const x = publicKey.subarray(1)
      expect(curve.isTweaked(x, false, x, new Uint8Array(32))).toBe(true)
      for (const tweak of [fromHex(ORDER.toString(16)), new Uint8Array(32).fill(0xff), new Uint8Array(31)]) {
        expect(curve.isTweaked(x, false, x, tweak)).toBe(false)
      }
      expect(curve.isTweaked(x, false, new Uint8Array(32).fill(0xff), new Uint8Array(32))).toBe(false)
      // x + (order − secret)·G is no point.
      const minus = fromHex((ORDER - BigInt(`0x${'05'.repeat(32)}`)).toString(16).padStart(64, '0'))
      const even = publicKey[0] === 2 ? minus : new Uint8Array(32).fill(5)
      expect(curve.isTweaked(x, false, x, even)).toBe(false)
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
