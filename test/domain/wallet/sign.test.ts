import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId, virtualSize } from '../../../domain/chain/codec.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import { p2wpkh } from '../../../domain/chain/script.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { buildTransaction } from '../../../domain/wallet/build-transaction.ts'
import { signTransaction } from '../../../domain/wallet/sign.ts'
import { sizeOf } from '../../../domain/wallet/size.ts'
import { nativeCurve as curve } from '../../../src/curve/native.ts'

const secrets = fc
  .uint8Array({ minLength: 31, maxLength: 31 })
  .filter((bytes) => bytes.some((byte) => byte !== 0))
  .map((bytes) => Uint8Array.from([0, ...bytes]))
const coin = fc.record({
  txid: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
  vout: fc.nat(100),
  value: fc.bigInt(1n, 100_000_000n),
  secret: secrets,
})
const output = fc.record({
  value: fc.bigInt(1n, 1_000_000n),
  script: fc.uint8Array({ minLength: 0, maxLength: 300 }),
})

describe('signing', () => {
  it('satisfies the script of every input, and no other transaction', () => {
    fc.assert(
      fc.property(
        fc.array(coin, { minLength: 1, maxLength: 5 }),
        fc.array(output, { minLength: 1 }),
        (coins, outputs) => {
          const inputs = coins.map(({ value, secret }) => ({
            value,
            key: { secret, publicKey: curve.publicKey(secret) },
          }))
          const spent = inputs.map(({ value, key }) => ({ value, script: p2wpkh(hash160(key.publicKey)) }))
          const unsigned = buildTransaction(coins, outputs, { value: 0n, script: new Uint8Array(0) })
          const signed = signTransaction(unsigned, inputs, curve)
          expect(transactionId(signed)).toBe(transactionId(unsigned))
          const other = { ...signed, outputs: outputs.map((each) => ({ ...each, value: each.value + 1n })) }
          signed.inputs.forEach((_, index) => {
            expect(verifyInput(signed, index, spent, curve)).toBe(undefined)
            expect(verifyInput(other, index, spent, curve)).not.toBe(undefined)
          })
        },
      ),
      { numRuns: 50 },
    )
  })

  it('gives transactions of the size that the fee was reckoned for, or just below', () => {
    fc.assert(
      fc.property(
        fc.array(coin, { minLength: 1, maxLength: 300 }),
        fc.array(output, { minLength: 1 }),
        (coins, outputs) => {
          const key = { secret: coins[0]!.secret, publicKey: curve.publicKey(coins[0]!.secret) }
          const tx = buildTransaction(coins, outputs, { value: 0n, script: new Uint8Array(0) })
          const longest = [new Uint8Array(72), key.publicKey]
          expect(sizeOf(coins.length, outputs)).toBe(
            virtualSize({ ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: longest })) }),
          )
          const few = { ...tx, inputs: tx.inputs.slice(0, 3) }
          const signed = signTransaction(
            few,
            few.inputs.map(() => ({ value: 1n, key })),
            curve,
          )
          const estimate = sizeOf(few.inputs.length, outputs)
          expect(virtualSize(signed)).toBeLessThanOrEqual(estimate)
          expect(virtualSize(signed)).toBeGreaterThan(estimate - 5)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('puts the change last, and none when there is none', () => {
    const script = new Uint8Array(1)
    const point = { txid: '00'.repeat(32), vout: 0 }
    const payment = { value: 5n, script: new Uint8Array(2) }
    expect(buildTransaction([point], [payment], { value: 3n, script }).outputs).toEqual([
      payment,
      { value: 3n, script },
    ])
    expect(buildTransaction([point], [payment], { value: 0n, script }).outputs).toEqual([payment])
    expect(encodeTransaction(buildTransaction([point], [payment], { value: 0n, script }))).toBeInstanceOf(Uint8Array)
  })
})
