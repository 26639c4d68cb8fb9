import { Transaction as ScureTransaction } from '@scure/btc-signer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex } from '../../../domain/bytes.ts'
import {
  decodeBlock,
  decodeHeader,
  decodeTransaction,
  encodeBlock,
  encodeHeader,
  encodeTransaction,
  hasWitness,
  totalSize,
  transactionId,
  transactionWeight,
  virtualSize,
  witnessId,
} from '../../../domain/chain/codec.ts'
import { DecodeError } from '../../../domain/chain/decode-error.ts'
import { fromDisplay, isDisplayHash, toDisplay } from '../../../domain/chain/display-hash.ts'
import { block, displayHash, header, transaction } from './arbitraries.ts'

/** A value or a DecodeError: nothing else may come out of untrusted bytes. */
const decodesOrRefuses = (decode: () => unknown): void => {
  try {
    decode()
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}

const refusal = (decode: () => unknown): string | undefined => {
  try {
    decode()
    return undefined
  } catch (error) {
    if (error instanceof DecodeError) return error.code
    throw error
  }
}

describe('transactions', () => {
  it('come back from the wire as they were', () => {
    fc.assert(
      fc.property(transaction, (tx) => {
        expect(decodeTransaction(encodeTransaction(tx))).toEqual(tx)
      }),
    )
  })

  it('without witness come back without', () => {
    fc.assert(
      fc.property(transaction, (tx) => {
        const bare = { ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [] })) }
        expect(decodeTransaction(encodeTransaction(tx, { witness: false }), { witness: false })).toEqual(bare)
        expect(transactionId(tx)).toBe(transactionId(bare))
        expect(witnessId(bare)).toBe(transactionId(bare))
        expect(witnessId(tx) === transactionId(tx)).toBe(!hasWitness(tx))
      }),
    )
  })

  it('have the ids and sizes that btc-signer finds', () => {
    // The oracle weighs only transactions whose every input is signed, in its sense: scriptSig or witness not empty.
    const standard = transaction.filter(
      (tx) =>
        tx.outputs.length > 0 &&
        tx.outputs.every((output) => output.value >= 0n) &&
        tx.inputs.every((input) => input.scriptSig.length > 0 && input.witness.length > 0),
    )
    fc.assert(
      fc.property(standard, (tx) => {
        const oracle = ScureTransaction.fromRaw(encodeTransaction(tx), {
          allowUnknownInputs: true,
          allowUnknownOutputs: true,
          disableScriptCheck: true,
          allowUnknownVersion: true,
        })
        expect(oracle.id).toBe(transactionId(tx))
        expect(oracle.weight).toBe(transactionWeight(tx))
        expect(oracle.vsize).toBe(virtualSize(tx))
      }),
    )
  })

  it('damaged bytes are a value or a refusal', () => {
    fc.assert(
      fc.property(transaction, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean(), (tx, at, byte, cut) => {
        const bytes = encodeTransaction(tx)
        bytes[at % bytes.length] = byte
        decodesOrRefuses(() => decodeTransaction(cut ? bytes.subarray(0, at % bytes.length) : bytes))
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodesOrRefuses(() => decodeTransaction(bytes))
      }),
    )
  })

  it('what is left over, missing or superfluous is refused', () => {
    const input = `${'11'.repeat(32)}0000000000ffffffff`
    const output = '000000000000000000'
    const witnessed = fromHex(`0100000000010${1}${input}01${output}010000000000`)
    expect(refusal(() => decodeTransaction(witnessed))).toBeUndefined()
    expect(refusal(() => decodeTransaction(concat(witnessed, Uint8Array.of(0))))).toBe('trailing-bytes')
    expect(refusal(() => decodeTransaction(witnessed.subarray(0, -1)))).toBe('truncated')
    expect(refusal(() => decodeTransaction(fromHex(`01000000000101${input}01${output}0000000000`)))).toBe(
      'superfluous-witness',
    )
    expect(refusal(() => decodeTransaction(fromHex(`01000000000201${input}01${output}0000000000`)))).toBe(
      'unknown-flag',
    )
    expect(refusal(() => decodeTransaction(fromHex(`01000000fd0100${input}01${output}00000000`)))).toBe(
      'non-canonical-size',
    )
    expect(refusal(() => decodeTransaction(fromHex('01000000fe01000002')))).toBe('oversize')
    expect(refusal(() => decodeTransaction(fromHex('01000000ffffffffffffffffff')))).toBe('oversize')
    expect(refusal(() => decodeTransaction(fromHex('01000000feffffff01')))).toBe('truncated')
    expect(totalSize(decodeTransaction(witnessed))).toBe(witnessed.length)
  })
})

describe('blocks', () => {
  it('headers and blocks come back as they were', () => {
    fc.assert(
      fc.property(header, (h) => {
        expect(decodeHeader(encodeHeader(h))).toEqual(h)
      }),
    )
    fc.assert(
      fc.property(block, (b) => {
        expect(decodeBlock(encodeBlock(b))).toEqual(b)
      }),
    )
  })

  it('damaged bytes are a value or a refusal', () => {
    fc.assert(
      fc.property(block, fc.nat(), fc.integer({ min: 0, max: 255 }), (b, at, byte) => {
        const bytes = encodeBlock(b)
        bytes[at % bytes.length] = byte
        decodesOrRefuses(() => decodeBlock(bytes))
      }),
    )
  })

  it('the bytes of a header are those of Bitcoin', () => {
    // Block 0 of Bitcoin's main network.
    const genesis =
      '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c'
    expect(toHex(encodeHeader(decodeHeader(fromHex(genesis))))).toBe(genesis)
  })
})

describe('shown hashes', () => {
  it('are the reversed bytes, and nothing else is a hash', () => {
    fc.assert(
      fc.property(displayHash, (hash) => {
        expect(toDisplay(fromDisplay(hash))).toBe(hash)
        expect(toHex(fromDisplay(hash).reverse())).toBe(hash)
        expect(isDisplayHash(hash)).toBe(true)
      }),
    )
    const good = 'ab'.repeat(32)
    for (const bad of ['', good.slice(1), `${good}00`, good.toUpperCase(), `g${good.slice(1)}`, `${good.slice(1)}/`]) {
      expect(isDisplayHash(bad)).toBe(false)
      expect(() => fromDisplay(bad)).toThrow(RangeError)
    }
  })
})
