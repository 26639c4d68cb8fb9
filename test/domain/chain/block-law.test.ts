import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../../domain/bytes.ts'
import type { Block } from '../../../domain/chain/block.ts'
import { blockWeight, checkBlock, checkHeader, medianTime } from '../../../domain/chain/check-block.ts'
import { checkTransaction } from '../../../domain/chain/check-transaction.ts'
import { decodeBlock, decodeTransaction, encodeBlock, headerHash } from '../../../domain/chain/codec.ts'
import { ZERO_HASH } from '../../../domain/chain/display-hash.ts'
import { isFinal, meetsSequence } from '../../../domain/chain/locktime.ts'
import { transactionsRoot } from '../../../domain/chain/merkle.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { nullData } from '../../../domain/chain/script.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { coinbasePoint, payTo, secretOf, smallChain, solved, spendAll } from './small-chain.ts'

const require = createRequire(import.meta.url)
const dev = networkNamed('xencoin-dev')
const me = secretOf(1)
const SUBSIDY = 5_000_000_000n

/** A chain whose first coins are ripe, and the block that spends one of them. */
const withSpend = () => {
  const chain = smallChain(dev)
  for (let i = 0; i < dev.coinbaseMaturity; i++) chain.apply(chain.next([], { script: payTo(me) }))
  const point = coinbasePoint(chain.blocks[1] as Block)
  const tx = spendAll(me, [{ point, value: SUBSIDY }], [{ value: SUBSIDY, script: payTo(me) }])
  return { chain, tx, point, block: chain.next([tx]) }
}

const check = (chain: ReturnType<typeof smallChain>, block: Block) => {
  const height = chain.blocks.length
  return checkBlock(block, { network: dev, height, medianTimePast: chain.medianTimeAt(height - 1) })
}

/** The block with other transactions, its root and work made right again. */
const having = (block: Block, transactions: readonly Transaction[]): Block =>
  solved({ header: { ...block.header, merkleRoot: transactionsRoot(transactions).root }, transactions })

describe('a real block', () => {
  it('of the test network of 2012 is read, weighed and hashed', () => {
    const file = readFileSync(require.resolve('bitcore-lib/test/data/blk86756-testnet.dat'))
    const bytes = file.subarray(8, 8 + file.readUInt32LE(4))
    const block = decodeBlock(bytes)
    expect(headerHash(block.header)).toBe('000000000b99b16390660d79fcc138d2ad0c89a0d044c4201a02bdf1f61ffa11')
    expect(transactionsRoot(block.transactions)).toEqual({ root: block.header.merkleRoot, mutated: false })
    expect(encodeBlock(block)).toEqual(Uint8Array.from(bytes))
    expect(blockWeight(block)).toBe(bytes.length * 4)
    expect(block.transactions.map(checkTransaction)).toEqual(block.transactions.map(() => undefined))
  })
})

describe('transactions of themselves', () => {
  const vectors = (name: string): [unknown, string][] =>
    (require(`bitcore-lib/test/data/bitcoind/${name}.json`) as unknown[][])
      .filter((row) => Array.isArray(row[0]))
      .map((row) => [row[0], row[1] as string])

  it('all of tx_valid.json are sound', () => {
    const all = vectors('tx_valid')
    for (const [, hex] of all) expect(checkTransaction(decodeTransaction(fromHex(hex)))).toBeUndefined()
    expect(all.length).toBe(50)
  })

  const base: Transaction = {
    version: 2,
    inputs: [{ txid: '11'.repeat(32), vout: 0, scriptSig: new Uint8Array(0), sequence: 0, witness: [] }],
    outputs: [{ value: 1n, script: new Uint8Array(0) }],
    lockTime: 0,
  }
  const input = base.inputs[0] as Transaction['inputs'][0]
  const output = base.outputs[0] as Transaction['outputs'][0]
  const none = { ...input, txid: ZERO_HASH, vout: 0xffffffff }
  it.each<[string, Transaction]>([
    ['bad-txns-vin-empty', { ...base, inputs: [] }],
    ['bad-txns-vout-empty', { ...base, outputs: [] }],
    ['bad-txns-oversize', { ...base, outputs: [{ ...output, script: new Uint8Array(1_000_000) }] }],
    ['bad-txns-vout-negative', { ...base, outputs: [{ ...output, value: -1n }] }],
    ['bad-txns-vout-toolarge', { ...base, outputs: [{ ...output, value: 2_100_000_000_000_001n }] }],
    ['bad-txns-txouttotal-toolarge', { ...base, outputs: [output, { ...output, value: 2_100_000_000_000_000n }] }],
    ['bad-txns-inputs-duplicate', { ...base, inputs: [input, { ...input, sequence: 1 }] }],
    ['bad-cb-length', { ...base, inputs: [{ ...none, scriptSig: new Uint8Array(1) }] }],
    ['bad-cb-length', { ...base, inputs: [{ ...none, scriptSig: new Uint8Array(101) }] }],
    ['bad-txns-prevout-null', { ...base, inputs: [input, none] }],
  ])('%s', (code, tx) => {
    expect(checkTransaction(tx)).toBe(code)
  })
})

describe('lock times', () => {
  it('are heights below 500,000,000, and times from there on', () => {
    const base = spendAll(me, [{ point: { txid: '11'.repeat(32), vout: 0 }, value: 1n, sequence: 0 }], [])
    const final = (lockTime: number, height: number, medianTimePast: number) =>
      isFinal({ ...base, lockTime }, height, medianTimePast)
    expect([final(499_999_999, 500_000_000, 0), final(499_999_999, 1, 600_000_000)]).toEqual([true, false])
    expect([final(500_000_000, 600_000_000, 0), final(500_000_000, 1, 500_000_001)]).toEqual([false, true])
  })

  it('that are relative are none from the disabling bit on, alone or with others (BIP 68)', () => {
    const meets = (sequence: number) =>
      meetsSequence(spendAll(me, [{ point: { txid: '11'.repeat(32), vout: 0 }, value: 1n, sequence }], []), 0, 0n)
    expect([0, 0x7fffffff & ~0x00400000, 0x80000000, 0xffffffff].map(meets)).toEqual([true, true, false, false])
  })
})

describe('headers', () => {
  it('are held to work, target, time and version', () => {
    const { block, chain } = withSpend()
    const medianTimePast = chain.medianTimeAt(chain.blocks.length - 1)
    const context = { network: dev, bits: dev.powLimitBits, medianTimePast, nowS: medianTimePast }
    const { header } = block
    expect(checkHeader(header, context)).toBeUndefined()
    let unworked = header
    while (checkHeader(unworked, context) !== 'high-hash') unworked = { ...unworked, nonce: unworked.nonce + 1 }
    const worked = (changes: object) => solved({ ...block, header: { ...header, ...changes } }).header
    expect(checkHeader(worked({ bits: 0x203fffff }), context)).toBe('bad-diffbits')
    expect(checkHeader(worked({ bits: 0x2100ffff, nonce: 0 }), context)).toBe('high-hash')
    expect(checkHeader(worked({ time: medianTimePast }), context)).toBe('time-too-old')
    expect(checkHeader(worked({ time: medianTimePast + 7201 }), context)).toBe('time-too-new')
    expect(checkHeader(worked({ time: medianTimePast + 7200 }), context)).toBeUndefined()
    expect(checkHeader(worked({ version: 3 }), context)).toBe('bad-version')
  })

  it('the median is the middle', () => {
    expect(medianTime([5])).toBe(5)
    expect(medianTime([9, 1, 5])).toBe(5)
    expect(medianTime([4, 1, 3, 2])).toBe(3)
  })
})

describe('blocks of themselves', () => {
  it('a good one passes', () => {
    const { chain, block } = withSpend()
    expect(check(chain, block)).toBeUndefined()
    expect(check(chain, chain.next([]))).toBeUndefined()
  })

  it('a wrong root, and a list repeated to the same root', () => {
    const { chain, tx, block } = withSpend()
    expect(check(chain, solved({ ...block, header: { ...block.header, merkleRoot: ZERO_HASH } }))).toBe(
      'bad-txnmrklroot',
    )
    const coinbase = block.transactions[0] as Transaction
    expect(check(chain, having(block, [coinbase, tx, tx, tx]))).toBe('bad-txns-duplicate')
  })

  it('coinbase first, and only first', () => {
    const { chain, tx, block } = withSpend()
    const coinbase = block.transactions[0] as Transaction
    expect(check(chain, having(block, []))).toBe('bad-blk-length')
    expect(check(chain, having(block, [tx]))).toBe('bad-cb-missing')
    expect(check(chain, having(block, [coinbase, { ...coinbase, lockTime: 1 }]))).toBe('bad-cb-multiple')
    expect(check(chain, having(block, [{ ...coinbase, outputs: [] }]))).toBe('bad-txns-vout-empty')
  })

  it('height in the coinbase, witness as committed', () => {
    const { chain, tx, block } = withSpend()
    const coinbase = block.transactions[0] as Transaction
    const first = coinbase.inputs[0] as Transaction['inputs'][0]
    const withInput = (changes: object) => having(block, [{ ...coinbase, inputs: [{ ...first, ...changes }] }, tx])
    expect(check(chain, withInput({ scriptSig: Uint8Array.of(1, 99, 0) }))).toBe('bad-cb-height')
    expect(check(chain, withInput({ witness: [] }))).toBe('bad-witness-nonce-size')
    expect(check(chain, withInput({ witness: [new Uint8Array(31)] }))).toBe('bad-witness-nonce-size')
    expect(check(chain, withInput({ witness: [new Uint8Array(32).fill(1)] }))).toBe('bad-witness-merkle-match')
    const bare = { ...coinbase, outputs: coinbase.outputs.slice(0, 1) }
    expect(check(chain, having(block, [bare, tx]))).toBe('unexpected-witness')
    const altered = { ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [...input.witness, me] })) }
    expect(check(chain, having(block, [coinbase, altered]))).toBe('bad-witness-merkle-match')
  })

  it('lock times, weight and signature operations', () => {
    const { chain, point } = withSpend()
    const height = chain.blocks.length
    const spend = (lockTime: number, sequence: number) =>
      spendAll(me, [{ point, value: SUBSIDY, sequence }], [{ value: 1n, script: payTo(me) }], { lockTime })
    expect(check(chain, chain.next([spend(height, 0)]))).toBe('bad-txns-nonfinal')
    expect(check(chain, chain.next([spend(height, 0xffffffff)]))).toBeUndefined()
    expect(check(chain, chain.next([spend(height - 1, 0)]))).toBeUndefined()
    const medianTimePast = chain.medianTimeAt(height - 1)
    expect(check(chain, chain.next([spend(medianTimePast, 0)]))).toBe('bad-txns-nonfinal')
    expect(check(chain, chain.next([spend(medianTimePast - 1, 0)]))).toBeUndefined()

    const fat = (script: Uint8Array) => spendAll(me, [{ point, value: SUBSIDY }], [{ value: 0n, script }])
    const witnessed = fat(nullData(new Uint8Array(999_000)))
    const input = witnessed.inputs[0] as Transaction['inputs'][0]
    const heavy = { ...witnessed, inputs: [{ ...input, witness: [new Uint8Array(9_000)] }] }
    expect(check(chain, chain.next([heavy]))).toBe('bad-blk-weight')
    expect(check(chain, chain.next([fat(new Uint8Array(20_001).fill(0xac))]))).toBe('bad-blk-sigops')
    expect(check(chain, chain.next([fat(new Uint8Array(1_001).fill(0xae))]))).toBe('bad-blk-sigops')
    expect(check(chain, chain.next([fat(new Uint8Array(1_000).fill(0xae))]))).toBeUndefined()
  })
})
