import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex } from '../../../domain/bytes.ts'
import type { Block } from '../../../domain/chain/block.ts'
import { type BlockSolution, checkBlockSignature, signBlock } from '../../../domain/chain/block-signature.ts'
import { decodeBlock } from '../../../domain/chain/codec.ts'
import { compactToDer } from '../../../domain/chain/der.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import { commitmentIndex, transactionsRoot } from '../../../domain/chain/merkle.ts'
import { magicBytes, networkNamed, signedNetwork } from '../../../domain/chain/network.ts'
import { compileScript, p2pkh, p2wpkh } from '../../../domain/chain/script.ts'
import { SIGHASH, witnessV0Digest } from '../../../domain/chain/sighash.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { nativeCurve as curve } from '../../../src/curve/native.ts'
import { secretOf, smallChain } from './small-chain.ts'

const secret = secretOf(3)
const key = curve.publicKey(secret)
const dev = networkNamed('xencoin-dev')
const network = signedNetwork(dev, p2wpkh(hash160(key)))
const block = smallChain(dev).next([])

const signed = (by = secret, unsigned = block): Block =>
  signBlock(unsigned, p2wpkh(hash160(key)), ({ tx, spent }): BlockSolution => {
    const digest = witnessV0Digest(tx, 0, p2pkh(hash160(key)), spent[0]?.value ?? 0n, SIGHASH.ALL)
    const signature = concat(compactToDer(curve.signEcdsa(digest, by)), Uint8Array.of(SIGHASH.ALL))
    return { scriptSig: new Uint8Array(0), witness: [signature, curve.publicKey(by)] }
  })

describe('signed blocks (BIP 325)', () => {
  it('one signed with the key passes, whatever its nonce', () => {
    const good = signed()
    expect(checkBlockSignature(good, network, curve)).toBeUndefined()
    expect(checkBlockSignature({ ...good, header: { ...good.header, nonce: 7 } }, network, curve)).toBeUndefined()
  })

  it('without a solution, by another key, or changed after it was signed: refused', () => {
    const good = signed()
    const late = { ...good, header: { ...good.header, time: good.header.time + 1 } }
    const [coinbase] = good.transactions as [Transaction]
    const richer = [{ ...coinbase, outputs: coinbase.outputs.map((o) => ({ ...o, value: o.value + 1n })) }]
    const taken = { header: { ...good.header, merkleRoot: transactionsRoot(richer).root }, transactions: richer }
    const bare = { ...block, transactions: [{ ...(block.transactions[0] as Transaction), outputs: [] }] }
    for (const bad of [block, signed(secretOf(4)), late, taken, bare]) {
      expect(checkBlockSignature(bad, network, curve)).toBe('bad-signet-blksig')
    }
  })

  it('bytes after the solution, or a solution cut short: refused', () => {
    const good = signed()
    const [coinbase] = good.transactions as [Transaction]
    const at = commitmentIndex(good)
    const script = coinbase.outputs[at]?.script as Uint8Array
    const solution = script.slice(40)
    for (const data of [concat(solution, Uint8Array.of(0)), solution.slice(0, -1)]) {
      const other = concat(script.slice(0, 38), compileScript([data]))
      const outputs = coinbase.outputs.map((output, i) => (i === at ? { ...output, script: other } : output))
      expect(checkBlockSignature({ ...good, transactions: [{ ...coinbase, outputs }] }, network, curve)).toBe(
        'bad-signet-blksig',
      )
    }
  })

  it('a push that only begins like a solution is none: the one after it counts', () => {
    const [coinbase] = block.transactions as [Transaction]
    const at = commitmentIndex(block)
    const outputs = coinbase.outputs.map((output, i) =>
      i === at ? { ...output, script: concat(output.script, fromHex('04ecc7daa2')) } : output,
    )
    const transactions = [{ ...coinbase, outputs }]
    const header = { ...block.header, merkleRoot: transactionsRoot(transactions).root }
    expect(checkBlockSignature(signed(secret, { header, transactions }), network, curve)).toBeUndefined()
  })

  it('a challenge that asks for nothing is met by nothing', () => {
    expect(checkBlockSignature(block, signedNetwork(dev, Uint8Array.of(0x51)), curve)).toBeUndefined()
  })

  it('other networks do not ask', () => {
    expect(checkBlockSignature(block, dev, curve)).toBeUndefined()
  })
})

describe("Bitcoin's default signet", () => {
  // BIP 325 and Bitcoin Core chainparams.cpp: the challenge gives the magic.
  const challenge = fromHex(
    '512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430210359ef5021964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae',
  )

  it('has the magic of its challenge', () => {
    expect(toHex(magicBytes(signedNetwork(dev, challenge)))).toBe('0a03cf40')
  })

  it('its block 1 is signed as its challenge wants, and by nobody else', () => {
    const one = decodeBlock(
      fromHex(
        '00000020f61eee3b63a380a477a063af32b2bbc97c9ff9f01f2c4225e973988108000000f575c83235984e7dc4afc1f30944c170462e84437ab6f2d52e16878a79e4678bd1914d5fae77031eccf4070001010000000001010000000000000000000000000000000000000000000000000000000000000000ffffffff025151feffffff0200f2052a010000001600149243f727dd5343293eb83174324019ec16c2630f0000000000000000776a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf94c4fecc7daa2490047304402205e423a8754336ca99dbe16509b877ef1bf98d008836c725005b3c787c41ebe46022047246e4467ad7cc7f1ad98662afcaf14c115e0095a227c7b05c5182591c23e7e01000120000000000000000000000000000000000000000000000000000000000000000000000000',
      ),
    )
    expect(checkBlockSignature(one, signedNetwork(dev, challenge), curve)).toBeUndefined()
    expect(checkBlockSignature(one, network, curve)).toBe('bad-signet-blksig')
  })
})
