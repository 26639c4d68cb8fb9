import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { derToCompact, isStrictDer } from '../../domain/chain/der.ts'
import { sha256 } from '../../domain/chain/hash.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { nobleCurve } from '../../src/curve/noble.ts'
import { wasmCurve } from '../../src/curve/wasm.ts'

// Project Wycheproof's vectors of ECDSA on secp256k1 as Bitcoin has it (strict DER, low s): edge cases of arithmetic, signatures that are
// encoded otherwise, out of range or forged.

type Case = { tcId: number; comment: string; msg: string; sig: string; result: 'valid' | 'invalid' }
type Group = { publicKey: { uncompressed: string }; tests: readonly Case[] }

const CASES = 463
const VALID = 162
const path = join(import.meta.dirname, '../../.cache/wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json')
const isHere = existsSync(path)
const why = isHere ? '' : ' (no vectors: run test/curve/fetch-wycheproof.sh .cache/wycheproof)'
const groups = isHere ? (JSON.parse(readFileSync(path, 'utf8')) as { testGroups: readonly Group[] }).testGroups : []

const keysOf = ({ publicKey }: Group): readonly Uint8Array[] => {
  const uncompressed = fromHex(publicKey.uncompressed)
  const compressed = Uint8Array.from([2 + (uncompressed[64]! & 1), ...uncompressed.subarray(1, 33)])
  return [uncompressed, compressed]
}

const accepts = (curve: Curve, { msg, sig }: Case, key: Uint8Array): boolean => {
  const der = fromHex(sig)
  return isStrictDer(der) && curve.verifyEcdsa(derToCompact(der), sha256(fromHex(msg)), key)
}

// A missing file skips visibly, but where CI is set the tests must run (and fail).
describe.skipIf(!isHere && !process.env['CI'])(`Wycheproof${why}`, () => {
  it('gives as many cases as are known', () => {
    const results = groups.flatMap(({ tests }) => tests.map(({ result }) => result))
    expect(results.length).toBe(CASES)
    expect(results.filter((result) => result === 'valid').length).toBe(VALID)
  })

  it.each([
    ['native', nativeCurve],
    ['wasm', wasmCurve],
    ['noble', nobleCurve],
  ])('%s answers each case as the vectors say, by either form of the key', (_, curve) => {
    let answered = 0
    for (const group of groups)
      for (const key of keysOf(group))
        for (const one of group.tests) {
          expect(accepts(curve, one, key), `case ${one.tcId}: ${one.comment}`).toBe(one.result === 'valid')
          answered += 1
        }
    expect(answered).toBe(2 * CASES)
  })
})
