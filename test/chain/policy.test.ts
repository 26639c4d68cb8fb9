import { describe, expect, it } from 'vitest'
import { fromHex } from '../../domain/bytes.ts'
import { nullData } from '../../domain/chain/script.ts'
import { dustLimit, MAX_DATA_CARRIER_BYTES, outputKind } from '../../src/chain/xencoind/policy.ts'

// Bitcoin Core's figures at 3 sat/vB (policy/policy.cpp, GetDustThreshold).
const outputs: [string, string, string, bigint][] = [
  ['P2WPKH', `0014${'11'.repeat(20)}`, 'witness', 294n],
  ['P2WSH', `0020${'11'.repeat(32)}`, 'witness', 330n],
  ['P2TR', `5120${'11'.repeat(32)}`, 'witness', 330n],
  ['P2PKH', `76a914${'11'.repeat(20)}88ac`, 'pubkeyhash', 546n],
  ['P2SH', `a914${'11'.repeat(20)}87`, 'scripthash', 540n],
  ['P2PK', `21${'02'.repeat(33)}ac`, 'pubkey', 576n],
  ['multisig', `51${`21${'02'.repeat(33)}`.repeat(2)}52ae`, 'multisig', 684n],
  ['P2A', '51024e73', 'witness', 240n],
  ['data', '6a0401020304', 'nulldata', 0n],
  ['anything', '51', 'nonstandard', 474n],
]

describe('relay policy', () => {
  for (const [name, script, kind, dust] of outputs)
    it(`knows ${name}, and when it is dust`, () => {
      expect(outputKind(fromHex(script))).toBe(kind)
      expect(dustLimit({ script: fromHex(script) })).toBe(dust)
    })

  it('knows neither a segwit program of a length without meaning nor a multisig of many keys', () => {
    expect(outputKind(fromHex(`0019${'11'.repeat(25)}`))).toBe('nonstandard')
    const multisig = (needed: number, keys: number) =>
      outputKind(fromHex(`5${needed}${`21${'02'.repeat(33)}`.repeat(keys)}5${keys}ae`))
    expect([multisig(3, 3), multisig(4, 4), multisig(2, 1)]).toEqual(['multisig', 'nonstandard', 'nonstandard'])
  })

  it('takes no data output with an operation in it', () => {
    expect(outputKind(fromHex('6a0401020304ac'))).toBe('nonstandard')
    expect(outputKind(fromHex('6a0501'))).toBe('nonstandard')
  })

  it('leaves room for 80 bytes of data exactly', () => {
    expect(nullData(new Uint8Array(80).fill(1))).toHaveLength(MAX_DATA_CARRIER_BYTES)
  })
})
