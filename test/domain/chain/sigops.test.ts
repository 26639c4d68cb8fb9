import { describe, expect, it } from 'vitest'
import { concat, fromHex } from '../../../domain/bytes.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import { OP } from '../../../domain/chain/opcode.ts'
import { compileScript, p2wpkh, p2wsh } from '../../../domain/chain/script.ts'
import { countSigops, sigopsCost } from '../../../domain/chain/sigops.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'

// The cases of Bitcoin Core's src/test/sigopcount_tests.cpp.
const key = fromHex(`02${'11'.repeat(32)}`)
const empty = new Uint8Array(0)
const p2sh = (script: Uint8Array) => compileScript([OP.HASH160, hash160(script), OP.EQUAL])
const multisig = compileScript([1n, key, key, 2n, OP.CHECKMULTISIGVERIFY])

const cost = (script: Uint8Array, scriptSig: Uint8Array, witness: Uint8Array[] = []): number => {
  const tx: Transaction = {
    version: 1,
    inputs: [{ txid: '11'.repeat(32), vout: 0, scriptSig, sequence: 0xffffffff, witness }],
    outputs: [{ value: 1n, script: empty }],
    lockTime: 0,
  }
  return sigopsCost(tx, [{ value: 1n, script }])
}

describe('signature operations', () => {
  it('in a script: 20 for a multisig, or the keys it names', () => {
    const script = concat(
      compileScript([1n, key, key, 2n, OP.CHECKMULTISIG]),
      Uint8Array.of(OP.IF, OP.CHECKSIG, OP.ENDIF),
    )
    expect([countSigops(script, true), countSigops(script, false)]).toEqual([3, 21])
    expect(countSigops(compileScript([1n, key, 1n, OP.CHECKMULTISIG]), true)).toBe(1)
    expect(countSigops(compileScript([OP.CHECKSIG, 3n, OP.CHECKMULTISIG, OP.CHECKSIGVERIFY]), true)).toBe(5)
  })

  it('what an input spends: nothing for a bare script, four times those of a script hash, once those of a witness', () => {
    expect(cost(multisig, compileScript([0n, empty]))).toBe(0)
    expect(cost(p2sh(multisig), compileScript([0n, empty, multisig]))).toBe(2 * 4)
    expect(cost(p2wpkh(new Uint8Array(20)), empty, [empty, empty])).toBe(1)
    expect(cost(p2wsh(multisig), empty, [empty, empty, multisig])).toBe(2)
    const wrapped = p2wpkh(new Uint8Array(20))
    expect(cost(p2sh(wrapped), compileScript([wrapped]), [empty, empty])).toBe(1)
    const wrappedScript = p2wsh(multisig)
    expect(cost(p2sh(wrappedScript), compileScript([wrappedScript]), [empty, multisig])).toBe(2)
  })

  it('not those of a later witness version, nor of a script hash whose input does not only push', () => {
    const later = concat(Uint8Array.of(OP[1]), p2wpkh(new Uint8Array(20)).subarray(1))
    expect(cost(later, empty, [empty, empty])).toBe(0)
    expect(cost(compileScript([OP[1], new Uint8Array(32)]), empty, [multisig])).toBe(0)
    expect(cost(p2sh(multisig), concat(Uint8Array.of(OP.NOP), compileScript([multisig])))).toBe(0)
  })
})
