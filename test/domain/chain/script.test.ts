import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../domain/bytes.ts'
import { decodeAddress, encodeAddress } from '../../../domain/chain/address.ts'
import { DecodeError } from '../../../domain/chain/decode-error.ts'
import { compactToDer, derToCompact, isStrictDer, withLowS } from '../../../domain/chain/der.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import {
  compileScript,
  isMinimalPush,
  isNullData,
  nullData,
  p2pkh,
  p2sh,
  p2wpkh,
  p2wsh,
  parseScript,
} from '../../../domain/chain/script.ts'
import { decodeScriptNumber, encodeScriptNumber } from '../../../domain/chain/script-number.ts'
import { Fault } from '../../../domain/fault.ts'
import { bytesOf } from './arbitraries.ts'

const require = createRequire(import.meta.url)
const regtest = networkNamed('regtest')

describe('scripts', () => {
  it('data is pushed in its shortest form and read back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 5 }), (parts) => {
        const steps = parseScript(compileScript(parts))
        expect(steps.map((step) => step.data)).toEqual(parts)
        for (const step of steps) expect(isMinimalPush(step.op, step.data as Uint8Array)).toBe(true)
      }),
    )
    expect(toHex(compileScript([new Uint8Array(70_000)])).slice(0, 10)).toBe('4e70110100')
  })

  it('any bytes are steps or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          parseScript(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })

  it('script numbers come back, and only in their shortest form', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 39n) + 1n, max: 2n ** 39n - 1n }), (n) => {
        expect(decodeScriptNumber(encodeScriptNumber(n), 5)).toBe(n)
      }),
    )
    expect(() => decodeScriptNumber(Uint8Array.of(0))).toThrow(DecodeError)
    expect(() => decodeScriptNumber(Uint8Array.of(0x80))).toThrow(DecodeError)
    expect(() => decodeScriptNumber(Uint8Array.of(1, 0))).toThrow(DecodeError)
    expect(() => decodeScriptNumber(Uint8Array.of(1, 1, 1, 1, 1))).toThrow(DecodeError)
    expect(decodeScriptNumber(Uint8Array.of(0xff, 0))).toBe(255n)
    expect(decodeScriptNumber(Uint8Array.of(0x80), 4, false)).toBe(0n)
  })

  it('data outputs give their data back, and nothing else does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (data) => {
        expect(isNullData(nullData(data))).toEqual(data)
      }),
    )
    for (const other of ['6a', '6a0200', '6a0101', '6a01ff01ff', '00'])
      expect(isNullData(fromHex(other))).toBeUndefined()
  })
})

describe('signatures', () => {
  it('compact to DER and back', () => {
    fc.assert(
      fc.property(bytesOf(64), (compact) => {
        expect(isStrictDer(compactToDer(compact))).toBe(true)
        expect(derToCompact(compactToDer(compact))).toEqual(compact)
      }),
    )
  })

  it('any bytes are a signature or a refusal', () => {
    fc.assert(
      fc.property(bytesOf(64), fc.nat(), fc.integer({ min: 0, max: 255 }), (compact, at, byte) => {
        const der = compactToDer(compact)
        der[at % der.length] = byte
        try {
          expect(derToCompact(der).length).toBe(64)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })

  it('a number with a zero before it that it does not need is not strict (BIP 66)', () => {
    expect(isStrictDer(fromHex('3006020101020101'))).toBe(true)
    expect(isStrictDer(fromHex('300702020081020101'))).toBe(true)
    expect(isStrictDer(fromHex('300702020001020101'))).toBe(false)
    expect(isStrictDer(fromHex('300702010102020001'))).toBe(false)
  })

  it('a high s is lowered once', () => {
    const high = fromHex(`${'01'.repeat(32)}fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140`)
    expect(toHex(withLowS(high)).slice(64)).toBe(`${'0'.repeat(63)}1`)
    expect(withLowS(withLowS(high))).toEqual(withLowS(high))
  })
})

describe('addresses', () => {
  // BIP 173 and BIP 350, test vectors: with `bc` or `tb`; the program is what counts here.
  const main = { ...regtest, bech32: 'bc' }
  const valid: [string, string][] = [
    ['BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4', '0014751e76e8199196d454941c45d1b3a323f1433bd6'],
    [
      'bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y',
      '5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6',
    ],
    ['BC1SW50QGDZ25J', '6002751e'],
    ['bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs', '5210751e76e8199196d454941c45d1b3a323'],
    [
      'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
      '512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    ],
  ]
  const invalid = [
    'tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty',
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5',
    'BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2',
    'bc1rw5uspcuh',
    'bc10w508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kw5rljs90',
    'BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P',
    'bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du',
    'bc1gmk9yu',
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd',
    'bc1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL',
    'bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47',
    'bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4',
    'bc1pw5dgrnzv',
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav',
    '',
  ]

  it.each(valid)('BIP 173/350 vector %s', (address, script) => {
    expect(toHex(decodeAddress(main, address))).toBe(script)
    expect(encodeAddress(main, fromHex(script))).toBe(address.toLowerCase())
  })

  it.each(invalid)('refuses %s', (address) => {
    expect(() => decodeAddress(main, address)).toThrow(
      expect.objectContaining({ code: 'chain.bad-address', culprit: 'you' }),
    )
  })

  it("base58: those of Bitcoin Core's base58_keys_valid.json, and none of base58_keys_invalid.json", () => {
    type Row = [string, string, { addrType?: string; isPrivkey: boolean; isTestnet: boolean }]
    const valid = require('bitcore-lib/test/data/bitcoind/base58_keys_valid.json') as Row[]
    const bitcoin = { ...regtest, base58: { keyHash: 0, scriptHash: 5 } }
    const addresses = valid.filter(([, , { isPrivkey }]) => !isPrivkey)
    expect(addresses.length).toBeGreaterThan(20)
    for (const [address, hash, { addrType, isTestnet }] of addresses) {
      const network = isTestnet ? regtest : bitcoin
      const script = addrType === 'script' ? p2sh(fromHex(hash)) : p2pkh(fromHex(hash))
      expect(toHex(decodeAddress(network, address))).toBe(toHex(script))
      expect(encodeAddress(network, script)).toBe(address)
      expect(() => decodeAddress(isTestnet ? bitcoin : regtest, address)).toThrow(Fault)
    }
    const invalid = require('bitcore-lib/test/data/bitcoind/base58_keys_invalid.json') as [string][]
    for (const [text] of invalid) {
      for (const network of [bitcoin, regtest]) expect(() => decodeAddress(network, text)).toThrow(Fault)
    }
  })

  it('come back on each network, and not on another', () => {
    const dev = networkNamed('xencoin-dev')
    fc.assert(
      fc.property(bytesOf(20), bytesOf(32), (keyHash, witnessScript) => {
        for (const script of [p2wpkh(keyHash), p2wsh(witnessScript)]) {
          expect(decodeAddress(dev, encodeAddress(dev, script))).toEqual(script)
          expect(() => decodeAddress(regtest, encodeAddress(dev, script))).toThrow(Fault)
        }
      }),
    )
  })

  it('a script without an address is refused', () => {
    expect(() => encodeAddress(main, nullData(Uint8Array.of(1)))).toThrow(Fault)
  })
})
