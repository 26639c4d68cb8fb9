import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../domain/bytes.ts'
import { decodeAddress, encodeAddress } from '../../../domain/chain/address.ts'
import { checkBlockSignature } from '../../../domain/chain/block-signature.ts'
import {
  decodeBlock,
  decodeHeader,
  decodeTransaction,
  encodeBlock,
  encodeHeader,
  encodeTransaction,
} from '../../../domain/chain/codec.ts'
import { DecodeError } from '../../../domain/chain/decode-error.ts'
import { compactToDer, derToCompact, isStrictDer, laxDerToCompact } from '../../../domain/chain/der.ts'
import { networkNamed, signedNetwork } from '../../../domain/chain/network.ts'
import { p2wsh, parseScript } from '../../../domain/chain/script.ts'
import { decodeScriptNumber, encodeScriptNumber } from '../../../domain/chain/script-number.ts'
import { CONSENSUS_RULES, STANDARD_RULES } from '../../../domain/chain/script-rules.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { Fault } from '../../../domain/fault.ts'
import { nativeCurve } from '../../../src/curve/native.ts'
import { assemble, creditAndSpend } from './core-script.ts'
import { damaged } from './damage.ts'
import { smallChain } from './small-chain.ts'

// Good bytes, damaged: a decoder answers with a value, which then has exactly these bytes, or with its own error. 100,000 in all.

const require = createRequire(import.meta.url)
const dev = networkNamed('xencoin-dev')

const linesOf = (name: string): unknown[][] =>
  readFileSync(`test/vectors/bitcoin-core/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown[])
    .filter((row) => row.length > 1)

const transactions = [...linesOf('tx-valid'), ...linesOf('tx-invalid')].map((row) => fromHex(row[1] as string))
const realBlock = readFileSync(require.resolve('bitcore-lib/test/data/blk86756-testnet.dat')).subarray(8)
const blocks = [Uint8Array.from(realBlock.subarray(0, 8_000)), encodeBlock(smallChain(dev).next([]))]
const scripts = (require('bitcore-lib/test/data/bitcoind/script_tests.json') as unknown[][])
  .filter((row) => row.length > 3 && !Array.isArray(row[0]))
  .map((row) => assemble(row[1] as string))

/** @returns how many of the cases were values */
const each = <T>(
  cases: number,
  good: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => T,
  again: (value: T) => Uint8Array | undefined,
): number => {
  let values = 0
  fc.assert(
    fc.property(damaged(good), (bytes) => {
      let value: T
      try {
        value = decode(bytes)
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error
        return
      }
      values++
      const encoded = again(value)
      if (encoded !== undefined) expect(Buffer.compare(encoded, bytes)).toBe(0)
    }),
    { numRuns: cases },
  )
  return values
}

describe('damaged bytes', () => {
  it('of 30,000 transactions', () => {
    const values = each(30_000, transactions, decodeTransaction, encodeTransaction)
    expect(values).toBeGreaterThan(1_000)
  })

  it('of 10,000 in the old form', () => {
    const old = transactions.map((bytes) => encodeTransaction(decodeTransaction(bytes), { witness: false }))
    const decode = (bytes: Uint8Array) => decodeTransaction(bytes, { witness: false })
    expect(each(10_000, old, decode, (tx) => encodeTransaction(tx, { witness: false }))).toBeGreaterThan(100)
  })

  it('of 3,000 blocks, and whoever asks who signed them', () => {
    const closed = signedNetwork(dev, Uint8Array.of(0x51))
    const values = each(3_000, blocks, decodeBlock, (block) => {
      expect([undefined, 'bad-signet-blksig']).toContain(checkBlockSignature(block, closed, nativeCurve))
      return encodeBlock(block)
    })
    expect(values).toBeGreaterThan(30)
  })

  it('of 7,000 headers', () => {
    const headers = blocks.map((bytes) => bytes.subarray(0, 80))
    expect(each(7_000, headers, decodeHeader, encodeHeader)).toBeGreaterThan(100)
  })

  it('of 15,000 scripts', () => {
    expect(each(15_000, scripts, parseScript, () => undefined)).toBeGreaterThan(1_000)
  })

  it('of 10,000 signatures, strict and lax', () => {
    const signatures = Array.from({ length: 50 }, (_, i) => compactToDer(new Uint8Array(64).fill(i * 5 + 1)))
    const values = each(10_000, signatures, derToCompact, () => undefined)
    expect(values).toBeGreaterThan(100)
    // Whatever is strict reads the same when it is read laxly, and nothing makes the lax reader throw.
    each(10_000, signatures, laxDerToCompact, () => undefined)
    fc.assert(
      fc.property(damaged(signatures), (bytes) => {
        if (isStrictDer(bytes)) expect(laxDerToCompact(bytes)).toEqual(derToCompact(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  it('of 5,000 numbers: only the shortest form is one', () => {
    const numbers = [0n, 1n, -1n, 255n, 32_768n, 2n ** 31n - 1n].map(encodeScriptNumber)
    const decode = (bytes: Uint8Array) => decodeScriptNumber(bytes, 5)
    expect(each(5_000, numbers, decode, encodeScriptNumber)).toBeGreaterThan(500)
  })

  it('of 5,000 addresses: what is one is written in one way', () => {
    const good = [p2wsh(new Uint8Array(9)), Uint8Array.from([0, 20, ...new Uint8Array(20).fill(7)])].map((script) =>
      Buffer.from(encodeAddress(dev, script)),
    )
    fc.assert(
      fc.property(damaged(good), (bytes) => {
        const text = Buffer.from(bytes).toString('latin1')
        try {
          const script = decodeAddress(dev, text)
          expect(encodeAddress(dev, script)).toBe(text.trim().toLowerCase())
        } catch (error) {
          expect(error).toBeInstanceOf(Fault)
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it('of 5,000 scripts that are run: an answer, whatever they are', () => {
    fc.assert(
      fc.property(damaged(scripts), damaged(scripts), fc.boolean(), (script, scriptSig, inWitness) => {
        const { credit, spend } = inWitness
          ? creditAndSpend(p2wsh(script), new Uint8Array(0), [scriptSig, script], 1n)
          : creditAndSpend(script, scriptSig, [], 1n)
        for (const rules of [CONSENSUS_RULES, STANDARD_RULES]) {
          expect(['string', 'undefined']).toContain(
            typeof verifyInput(spend, 0, credit.outputs, nativeCurve, { rules }),
          )
        }
      }),
      { numRuns: 5_000 },
    )
  })
})
