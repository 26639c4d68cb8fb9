import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sha256 } from '../../../domain/chain/sha256.ts'

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
