import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import { type ChallengeFields, challengeDigest, mayMeet, ROLES } from '../../../domain/session/challenge.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const arbitrary: Record<keyof ChallengeFields, fc.Arbitrary<unknown>> = {
  handshake: fc.uint8Array({ minLength: 32, maxLength: 64 }),
  role: fc.constantFrom(...ROLES),
  network: fc.string(),
  ownKey: bytes(33),
  peerKey: bytes(33),
  peerNonce: bytes(32),
  subject: fc.string(),
}
const fields = fc.record(arbitrary) as fc.Arbitrary<ChallengeFields>
const names = Object.keys(arbitrary) as (keyof ChallengeFields)[]
const digest = (value: ChallengeFields) => toHex(challengeDigest(value))

describe('the digest of a challenge', () => {
  it('is the tagged hash of BIP 340 over length-prefixed fields', () => {
    const tag = sha256(Buffer.from('zennet/challenge'))
    const parts = ['H'.repeat(64), 'provider', 'regtest', 'a'.repeat(33), 'b'.repeat(33), 'n'.repeat(32), 'tx:0']
    const body = parts.map((part) => Buffer.concat([Buffer.from([0, 0, 0, part.length]), Buffer.from(part)]))
    const [handshake, , , ownKey, peerKey, peerNonce] = parts.map((part) => new Uint8Array(Buffer.from(part)))
    const value = { handshake, role: 'provider', network: 'regtest', ownKey, peerKey, peerNonce, subject: 'tx:0' }
    expect(digest(value as ChallengeFields)).toBe(toHex(sha256(Buffer.concat([tag, tag, ...body]))))
  })

  it('changes with every field', () => {
    const changed = fc
      .tuple(fields, fields, fc.constantFrom(...names))
      .filter(([a, b, name]) => String(a[name]) !== String(b[name]))
    fc.assert(fc.property(changed, ([a, b, name]) => digest(a) !== digest({ ...a, [name]: b[name] })))
  })

  it('does not let one field pass into the next', () => {
    fc.assert(
      fc.property(fields, fc.string({ minLength: 1 }), (a, moved) => {
        const key = new Uint8Array(Buffer.concat([Buffer.from(moved), a.ownKey]))
        return digest({ ...a, network: a.network + moved }) !== digest({ ...a, ownKey: key })
      }),
    )
  })

  it('is not the same for the two sides', () => {
    fc.assert(
      fc.property(fields, (a) => {
        fc.pre(toHex(a.ownKey) !== toHex(a.peerKey))
        return digest(a) !== digest({ ...a, ownKey: a.peerKey, peerKey: a.ownKey })
      }),
    )
  })
})

describe('who may meet whom', () => {
  it('is any two of different kinds', () => {
    for (const a of ROLES) for (const b of ROLES) expect(mayMeet(a, b)).toBe(a !== b)
  })
})
