import fc from 'fast-check'
import { concat, fromHex } from '../../../domain/bytes.ts'

/** One change: a byte set, a bit turned, a piece cut out, repeated, or a huge length written in. */
type Damage = { kind: number; at: number; byte: number; size: number }
const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.nat(4),
  at: fc.nat(0xffffff),
  byte: fc.nat(255),
  size: fc.nat(40),
})
const HUGE = [fromHex('feffffffff'), fromHex('ffffffffffffffffff'), fromHex('fdffff'), fromHex('fe00000002')]

const apply = (bytes: Uint8Array, { kind, at, byte, size }: Damage): Uint8Array => {
  const where = at % (bytes.length + 1)
  const [head, tail] = [bytes.subarray(0, where), bytes.subarray(where)]
  switch (kind) {
    case 0:
      return concat(head, Uint8Array.of(byte), tail.subarray(1))
    case 1:
      return concat(head, Uint8Array.of((tail[0] ?? 0) ^ (1 << (byte % 8))), tail.subarray(1))
    case 2:
      return concat(head, tail.subarray(size))
    case 3:
      return concat(head, tail.subarray(0, size), tail)
    default:
      return concat(head, HUGE[byte % HUGE.length] as Uint8Array, tail.subarray(1))
  }
}

/** One of the good values with one to three changes. */
export const damaged = (good: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.nat(good.length - 1), fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([which, changes]) => changes.reduce(apply, good[which] as Uint8Array))
