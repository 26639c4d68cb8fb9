import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sha256, sha256After } from '../../../domain/chain/sha256.ts'

it('is the SHA-256 of node:crypto for messages of any length', () => {
  const ofNode = (bytes: Uint8Array) => Uint8Array.from(createHash('sha256').update(bytes).digest())
  for (let size = 0; size <= 130; size++) {
    const bytes = new Uint8Array(size).fill(size)
    expect(sha256(bytes)).toEqual(ofNode(bytes))
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => {
      expect(sha256(bytes)).toEqual(ofNode(bytes))
    }),
  )
})

it('hashes what begins alike as if it were hashed whole, again and again', () => {
  const bytes = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(bytes, fc.array(bytes, { maxLength: 4 }), (head, tails) => {
      const after = sha256After(head)
      for (const tail of tails) expect(after(tail)).toEqual(sha256(Uint8Array.from([...head, ...tail])))
    }),
  )
})
