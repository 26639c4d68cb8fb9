import { createRequire } from 'node:module'
import { Transaction as ScureTransaction, type SigHash } from '@scure/btc-signer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../domain/bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { compactToDer } from '../../../domain/chain/der.ts'
import { toDisplay } from '../../../domain/chain/display-hash.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import { p2pkh, p2wpkh } from '../../../domain/chain/script.ts'
import { CONSENSUS_RULES, STANDARD_RULES } from '../../../domain/chain/script-rules.ts'
import { SIGHASH, witnessV0Digest } from '../../../domain/chain/sighash.ts'
import { legacyDigest } from '../../../domain/chain/sighash-legacy.ts'
import { taprootDigest } from '../../../domain/chain/sighash-taproot.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { verifyInput } from '../../../domain/chain/verify-input.ts'
import { nobleCurve as curve } from '../../../src/curve/noble.ts'
import { bytesOf, displayHash } from './arbitraries.ts'

const TYPES = [0x01, 0x02, 0x03, 0x81, 0x82, 0x83]

describe('sighash.json', () => {
  it('all 500 digests of before segwit are as Bitcoin Core has them', () => {
    const rows = createRequire(import.meta.url)('bitcore-lib/test/data/sighash.json') as [
      string,
      string,
      number,
      number,
      string,
    ][]
    const wrong = rows.slice(1).filter(([tx, script, index, hashType, digest]) => {
      const parsed = decodeTransaction(fromHex(tx))
      return toDisplay(legacyDigest(parsed, index, fromHex(script), hashType)) !== digest
    })
    expect(rows.length - 1).toBe(500)
    expect(wrong).toEqual([])
  })
})

describe('taproot (BIP 341)', () => {
  it('there is nothing to sign for SINGLE without an output of its own, nor for a type that does not exist', () => {
    const input = { txid: '11'.repeat(32), vout: 0, scriptSig: new Uint8Array(0), sequence: 0, witness: [] }
    const output = { value: 1n, script: new Uint8Array(0) }
    const tx: Transaction = { version: 2, inputs: [input, { ...input, vout: 1 }], outputs: [output], lockTime: 0 }
    const digest = (index: number, hashType: number) => taprootDigest(tx, index, hashType, { spent: [output, output] })
    expect([0x03, 0x83].map((hashType) => digest(0, hashType)?.length)).toEqual([32, 32])
    expect([0x03, 0x83].map((hashType) => digest(1, hashType))).toEqual([undefined, undefined])
    expect([0x04, 0x80, 0x84, 0xff].map((hashType) => digest(0, hashType))).toEqual(Array(4).fill(undefined))
  })
})

describe('BIP 143 vectors', () => {
  it('native P2WPKH', () => {
    const tx = decodeTransaction(
      fromHex(
        '0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000',
      ),
    )
    const code = fromHex('76a9141d0f172a0ecb48aee1be1f2687d2963ae33f71a188ac')
    expect(toHex(witnessV0Digest(tx, 1, code, 600_000_000n, SIGHASH.ALL))).toBe(
      'c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670',
    )
  })

  // P2SH-P2WSH of the BIP: six keys, each signing with another hash type.
  const multisig = decodeTransaction(
    fromHex(
      '010000000136641869ca081e70f394c6948e8af409e18b619df2ed74aa106c1ca29787b96e0100000000ffffffff0200e9a435000000001976a914389ffce9cd9ae88dcc0631e88a821ffdbe9bfe2688acc0832f05000000001976a9147480a33f950689af511e6e84c138dbbd3c3ee41588ac00000000',
    ),
  )
  const script = fromHex(
    '56210307b8ae49ac90a048e9b53357a2354b3334e9c8bee813ecb98e99a7e07e8c3ba32103b28f0c28bfab54554ae8c658ac5c3e0ce6e79ad336331f78c428dd43eea8449b21034b8113d703413d57761b8b9781957b8c0ac1dfe69f492580ca4195f50376ba4a21033400f6afecb833092a9a21cfdf1ed1376e58c5d1f47de74683123987e967a8f42103a6d48b1131e94ba04d9737d61acdaa1322008af9602b3b14862c07a1789aac162102d8b661b0b3302ee2f162b09e07a55ad5dfbe673a9f01d9f0c19617681024306b56ae',
  )
  it.each([
    [0x01, '185c0be5263dce5b4bb50a047973c1b6272bfbd0103a89444597dc40b248ee7c'],
    [0x02, 'e9733bc60ea13c95c6527066bb975a2ff29a925e80aa14c213f686cbae5d2f36'],
    [0x03, '1e1f1c303dc025bd664acb72e583e933fae4cff9148bf78c157d1e8f78530aea'],
    [0x81, '2a67f03e63a6a422125878b40b82da593be8d4efaafe88ee528af6e5a9955c6e'],
    [0x82, '781ba15f3779d5542ce8ecb5c18716733a5ee42a6f51488ec96154934e2c890a'],
    [0x83, '511e8e52ed574121fc1b654970395502128263f62662e076dc6baf05c2e6a99b'],
  ])('P2WSH with hash type %i', (hashType, digest) => {
    expect(toHex(witnessV0Digest(multisig, 0, script, 987_654_321n, hashType))).toBe(digest)
  })
})

const spend = fc.record({
  secrets: fc.array(
    bytesOf(32).filter((secret) => secret.some((byte) => byte !== 0) && secret[0] !== 0xff),
    { minLength: 1, maxLength: 3 },
  ),
  txid: displayHash,
  value: fc.bigInt({ min: 10n ** 13n, max: 10n ** 14n }),
  outputs: fc.array(fc.record({ value: fc.bigInt({ min: 0n, max: 10n ** 12n }), script: bytesOf(20).map(p2wpkh) }), {
    minLength: 1,
    maxLength: 4,
  }),
  lockTime: fc.integer({ min: 0, max: 0xffffffff }),
  sequence: fc.integer({ min: 0, max: 0xffffffff }),
  hashType: fc.constantFrom(...TYPES),
})

describe('against btc-signer', () => {
  it('digests and ids agree, and what either signs is valid here', () => {
    fc.assert(
      fc.property(spend, ({ secrets, txid, value, outputs, lockTime, sequence, hashType }) => {
        const keys = secrets.map((secret) => curve.publicKey(secret))
        const scripts = keys.map((key) => p2wpkh(hash160(key)))
        const oracle = new ScureTransaction({ version: 2, lockTime, allowUnknownOutputs: true })
        for (const [index, script] of scripts.entries()) {
          const sighashType = hashType as SigHash
          oracle.addInput({ txid, index, sequence, sighashType, witnessUtxo: { script, amount: value } })
        }
        for (const { value: amount, script } of outputs) oracle.addOutput({ script, amount })
        const bare: Transaction = {
          version: 2,
          inputs: scripts.map((_, vout) => ({ txid, vout, scriptSig: new Uint8Array(0), sequence, witness: [] })),
          outputs,
          lockTime,
        }
        const spent = scripts.map((script) => ({ value, script }))
        const cache = {}
        const digests = keys.map((key, i) => witnessV0Digest(bare, i, p2pkh(hash160(key)), value, hashType, cache))
        for (const [i, key] of keys.entries()) {
          expect(digests[i]).toEqual(oracle.preimageWitnessV0(i, p2pkh(hash160(key)), hashType, value))
        }

        const signed: Transaction = {
          ...bare,
          inputs: bare.inputs.map((input, i) => {
            const signature = curve.signEcdsa(digests[i] as Uint8Array, secrets[i] as Uint8Array)
            return {
              ...input,
              witness: [Uint8Array.from([...compactToDer(signature), hashType]), keys[i] as Uint8Array],
            }
          }),
        }
        for (const i of scripts.keys()) expect(verifyInput(signed, i, spent, curve, { cache })).toBeUndefined()

        const singleOutOfRange = (hashType & 0x1f) === SIGHASH.SINGLE && scripts.length > outputs.length
        if (singleOutOfRange) return
        for (const [i, secret] of secrets.entries()) oracle.signIdx(secret, i, [hashType as SigHash])
        oracle.finalize()
        const theirs = decodeTransaction(oracle.toBytes(true, true))
        expect(transactionId(theirs)).toBe(oracle.id)
        expect(encodeTransaction(theirs)).toEqual(oracle.toBytes(true, true))
        for (const i of scripts.keys()) {
          for (const rules of [STANDARD_RULES, CONSENSUS_RULES]) {
            expect(verifyInput(theirs, i, spent, curve, { rules })).toBeUndefined()
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})
