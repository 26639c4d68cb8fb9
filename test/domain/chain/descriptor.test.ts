import { expect, it } from 'vitest'
import { descriptorChecksum, withChecksum } from '../../../domain/chain/descriptor.ts'

// BIP 380's test vectors: the valid one, and what is wrong with the others.
it('has the checksum of BIP 380', () => {
  expect(descriptorChecksum('raw(deadbeef)')).toBe('89f8spxm')
  expect(descriptorChecksum('raw(deedbeef)')).not.toBe('89f8spxm')
  expect(() => descriptorChecksum('raw(Ü)')).toThrow(RangeError)
})

it('changes with any one character, wherever it stands', () => {
  const descriptor = withChecksum('wpkh([01020304/84h/1h/0h]tpubABC/0/*)')
  const [body, sum] = descriptor.split('#') as [string, string]
  for (let at = 0; at < body.length; at++) {
    const other = body[at] === '7' ? '8' : '7'
    expect(descriptorChecksum(body.slice(0, at) + other + body.slice(at + 1))).not.toBe(sum)
  }
})
