import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import type { BlockHeader } from '../../domain/chain/block.ts'
import { encodeHeader } from '../../domain/chain/codec.ts'
import { findNonce } from '../../domain/chain/find-nonce.ts'
import { genesisBlock } from '../../domain/chain/genesis.ts'
import { midstateOf, scanNonces } from '../../domain/chain/midstate.ts'
import { type Network, networkNamed, signedNetwork } from '../../domain/chain/network.ts'
import { checkProofOfWork } from '../../domain/chain/pow.ts'
import { signTransaction } from '../../domain/wallet/sign.ts'
import { openSimdScan } from '../../src/chain/mining/simd-scan.ts'
import { openXencoind, type XencoindOptions } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { curve, key } from './coins.ts'
import { freshDir } from './fresh-node.ts'
import { makeBlock } from './make-block.ts'

const alice = key(1)
const xencoin = networkNamed('xencoin')
/** The coin's rules with work that takes a moment. */
const easy: Network = { ...xencoin, powLimitBits: 0x1f7fffff }
const header = genesisBlock(xencoin).header

const open = async (network: Network, options: Partial<XencoindOptions> = {}) =>
  openXencoind({ dataDir: await freshDir(), network, curve, clock: systemClock, ...options })

it('four nonces at a time find what one at a time finds, also at the ends of the range', () => {
  const simd = openSimdScan()
  if (simd === undefined) throw new Error('this Node has no SIMD')
  const midstate = midstateOf(header)
  for (let from = 0; from < 200; from += 13) {
    for (const tries of [1, 3, 4, 5, 1003]) {
      expect(simd(midstate, 0xffffff, from, tries)).toBe(scanNonces(midstate, 0xffffff, from, tries))
    }
  }
  expect(simd(midstate, 0xffffffff, 0xfffffffe, 100)).toBe(0xfffffffe)
  expect(simd(midstate, 0, 0xfffffff8, 100)).toBeUndefined()
  expect(simd(midstate, 0xff, header.nonce - 1000, 2000)).toBe(header.nonce)
})

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const u32 = fc.nat(0xffffffff)
const headers = fc.record({
  version: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  previous: bytes32,
  merkleRoot: bytes32,
  time: u32,
  bits: u32,
  nonce: u32,
})

it('finds the nonce that node:crypto finds, for any header', () => {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  const highest = (one: BlockHeader) => sha256(sha256(encodeHeader(one))).readUInt32LE(28)
  const least = fc.oneof(u32, fc.constant(0x04000000), fc.constant(0xffffffff))
  fc.assert(
    fc.property(headers, least, fc.oneof(u32, fc.constant(0xfffffff0)), fc.nat(60), (one, most, from, tries) => {
      const nonces = Array.from({ length: tries }, (_, i) => from + i).filter((nonce) => nonce <= 0xffffffff)
      const expected = nonces.find((nonce) => highest({ ...one, nonce }) <= most)
      expect(scanNonces(midstateOf(one), most, from, tries)).toBe(expected)
    }),
    { numRuns: 300 },
  )
})

it('the nonce found is the first that does the work', () => {
  const found = findNonce({ ...header, bits: 0x1f7fffff, nonce: 0 }, 1_000_000)
  expect(found && checkProofOfWork(found, easy)).toBe(true)
  for (let nonce = 0; nonce < found!.nonce; nonce++) expect(checkProofOfWork({ ...found!, nonce }, easy)).toBe(false)
})

it('on a network with work threads mine, and the difficulty rises with it', async () => {
  const node = await open(easy)
  const stop = new AbortController()
  node.startMining({ intervalS: 15, script: alice.script, threads: 2 })
  const bits: number[] = []
  for await (const event of node.follow(undefined, stop.signal)) {
    if (event.kind !== 'connected') continue
    bits.push(event.block.header.bits)
    if (event.height === 12) stop.abort()
  }
  await node.stopMining()
  expect(bits[2]).toBe(easy.powLimitBits)
  expect(bits[12]).toBeLessThan(easy.powLimitBits)
  await expect(node.mine(1, alice.script)).rejects.toMatchObject({ code: 'chain.cannot-mine' })
  const tip = await node.tip()
  const wrong = makeBlock(node, tip, alice)
  expect(await node.submitBlock(wrong)).toEqual({ reject: 'bad-diffbits' })
  await node.close()
})

it('on a closed network only blocks that are signed count', async () => {
  const network = signedNetwork(networkNamed('xencoin-dev'), alice.script)
  const node = await open(network, {
    solve: ({ tx, spent }) => {
      const [input] = signTransaction(tx, [{ value: spent[0]!.value, key: alice }], curve).inputs
      return { scriptSig: input!.scriptSig, witness: input!.witness }
    },
  })
  await node.mine(2, alice.script)
  const tip = await node.tip()
  expect(tip.height).toBe(2)
  expect(await node.submitBlock(makeBlock(node, tip, alice))).toEqual({ reject: 'bad-signet-blksig' })
  await node.close()

  const stranger = await open(network)
  await expect(stranger.mine(1, alice.script)).rejects.toMatchObject({ code: 'chain.cannot-mine' })
  await stranger.close()
})
