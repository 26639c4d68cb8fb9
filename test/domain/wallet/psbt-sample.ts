import fc from 'fast-check'
import { expect } from 'vitest'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { decodePsbt } from '../../../domain/wallet/psbt.ts'
import { key } from '../../chain/coins.ts'

/** Of the coins that samples spend, in turn. */
export const owners = [key(1), key(2), key(3)]

/** Not signed; two outputs. */
export const txOf = (inputs: number, lockTime = 0): Transaction => ({
  version: 2,
  inputs: Array.from({ length: inputs }, (_, vout) => ({
    txid: 'ab'.repeat(32),
    vout,
    scriptSig: new Uint8Array(),
    sequence: 0xfffffffd,
    witness: [],
  })),
  outputs: [
    { value: 2_000n, script: key(9).script },
    { value: 7_000n, script: key(10).script },
  ],
  lockTime,
})

/** However `good` is damaged, it is read as some PSBT, or refused by its code. */
export const expectDamageRefused = (good: Uint8Array): void =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = Uint8Array.from(good)
      changed[at] = byte
      for (const bytes of [changed, good.subarray(0, at), new Uint8Array([...good, byte])]) {
        try {
          decodePsbt(bytes)
        } catch (error) {
          expect(error).toEqual(expect.objectContaining({ code: 'wallet.bad-psbt' }))
        }
      }
    }),
    { numRuns: 2_000 },
  )
