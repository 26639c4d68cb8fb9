import { schnorr } from '@noble/curves/secp256k1.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import { headerHash } from '../../../domain/chain/codec.ts'
import { genesisBlock } from '../../../domain/chain/genesis.ts'
import { sha256, taggedHash } from '../../../domain/chain/hash.ts'
import { merkleRoot } from '../../../domain/chain/merkle.ts'
import { magicBytes, networkNamed, networks } from '../../../domain/chain/network.ts'
import { bitsOf, checkProofOfWork, targetOf, workOf } from '../../../domain/chain/pow.ts'
import { MAX_MONEY, subsidyAt } from '../../../domain/chain/subsidy.ts'
import { displayHash } from './arbitraries.ts'

describe('networks', () => {
  it("regtest begins with Bitcoin's block", () => {
    const regtest = networkNamed('regtest')
    expect(headerHash(genesisBlock(regtest).header)).toBe(
      '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206',
    )
    expect(genesisBlock(regtest).header.merkleRoot).toBe(
      '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b',
    )
    expect(toHex(magicBytes(regtest))).toBe('fabfb5da')
  })

  it('the first block of the development network never changes', () => {
    expect(headerHash(genesisBlock(networkNamed('xencoin-dev')).header)).toBe(
      '3e90ece8fe396ddc1614dada93a47dcb92c9a1438ab4f9ab4453c8a55b162e40',
    )
  })

  it('the first block of the coin never changes', () => {
    expect(headerHash(genesisBlock(networkNamed('xencoin')).header)).toBe(
      '000000fcf008c93ac05cd423346d5b8c7ab8b508e9dac3c60a92eaf531dd68e7',
    )
  })

  it.each(networks)('$name begins with work, and never makes more than all money', (network) => {
    expect(checkProofOfWork(genesisBlock(network).header, network)).toBe(true)
    let sum = 0n
    for (let epoch = 0; epoch < 70; epoch++) {
      sum += subsidyAt(network, epoch * network.halvingBlocks) * BigInt(network.halvingBlocks)
    }
    expect(sum <= MAX_MONEY).toBe(true)
    expect(subsidyAt(network, network.halvingBlocks - 1)).toBe(network.subsidy)
    expect(subsidyAt(network, network.halvingBlocks)).toBe(network.subsidy / 2n)
  })

  it('differ in magic and ports', () => {
    for (const field of ['magic', 'p2pPort', 'rpcPort', 'bech32'] as const) {
      expect(new Set(networks.map((network) => network[field])).size).toBe(networks.length)
    }
  })

  it('one that is not known is refused', () => {
    expect(() => networkNamed('main')).toThrow(expect.objectContaining({ code: 'chain.unknown-network' }))
  })
})

describe('targets', () => {
  // Bitcoin Core, src/test/arith_uint256_tests.cpp, bignum_SetCompact.
  it.each([
    [0x01003456, undefined],
    [0x02008000, 0x80n],
    [0x05009234, 0x92340000n],
    [0x04923456, undefined],
    [0x04123456, 0x12345600n],
    [0x01123456, 0x12n],
    [0x20123456, 0x1234560000000000000000000000000000000000000000000000000000000000n],
    [0xff123456, undefined],
    [0x1d00ffff, 0xffffn << 208n],
  ])('compact %i', (bits, target) => {
    expect(targetOf(bits)).toBe(target)
  })

  it('come back from their compact form with three bytes of digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }), (target) => {
        const back = targetOf(bitsOf(target)) as bigint
        expect(back <= target).toBe(true)
        expect((target - back) * 2n ** 15n <= target).toBe(true)
        expect(bitsOf(back)).toBe(bitsOf(target))
      }),
    )
  })

  it('a smaller target is more work', () => {
    expect(workOf(0x1d00ffff)).toBe(0x100010001n)
    expect(workOf(0x207fffff)).toBe(2n)
    expect(workOf(0)).toBe(0n)
  })
})

describe('hash trees', () => {
  it('one hash is its own root, and a repeated end is told', () => {
    fc.assert(
      fc.property(fc.uniqueArray(displayHash, { minLength: 1, maxLength: 20 }), (ids) => {
        expect(merkleRoot(ids).mutated).toBe(false)
        if (ids.length % 2 === 0) return
        const doubled = [...ids, ids.at(-1) as string]
        if (ids.length === 1) expect(merkleRoot(ids).root).toBe(ids[0])
        else expect(merkleRoot(doubled).root).toBe(merkleRoot(ids).root)
        expect(merkleRoot(doubled).mutated).toBe(true)
      }),
    )
  })
})

describe('hashes', () => {
  it('are those of noble, for every length up to some blocks', () => {
    for (let size = 0; size < 300; size++) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7 + size)
      expect(toHex(sha256(bytes))).toBe(toHex(nobleSha256(bytes)))
    }
    const long = new Uint8Array(1_000_000).fill(0x61)
    // FIPS 180-4, the example of a million times "a".
    expect(toHex(sha256(long))).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0')
  })

  it('with a tag are those of BIP 340, as noble computes them', () => {
    fc.assert(
      fc.property(fc.constantFrom('BIP0340/challenge', 'zennet'), fc.uint8Array(), fc.uint8Array(), (tag, a, b) => {
        expect(taggedHash(tag, a, b)).toEqual(schnorr.utils.taggedHash(tag, a, b))
      }),
    )
  })
})
