import { describe, expect, it } from 'vitest'
import type { Block } from '../../../domain/chain/block.ts'
import { transactionId, witnessId } from '../../../domain/chain/codec.ts'
import { connectBlock } from '../../../domain/chain/connect.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { nullData } from '../../../domain/chain/script.ts'
import { subsidyAt } from '../../../domain/chain/subsidy.ts'
import { assembleBlock } from '../../../domain/chain/template.ts'
import { outPointKey, type Transaction } from '../../../domain/chain/transaction.ts'
import { nobleCurve as curve } from '../../../src/curve/noble.ts'
import { coinbasePoint, payTo, secretOf, smallChain, spendAll } from './small-chain.ts'

const dev = networkNamed('xencoin-dev')
const [me, you] = [secretOf(1), secretOf(2)]
const SUBSIDY = 5_000_000_000n

const ripeChain = (extra = 0) => {
  const chain = smallChain(dev)
  for (let i = 0; i < dev.coinbaseMaturity + extra; i++) chain.apply(chain.next([], { script: payTo(me) }))
  return chain
}
const pointAt = (chain: ReturnType<typeof smallChain>, height: number) => coinbasePoint(chain.blocks[height] as Block)

describe('connecting a block', () => {
  it('moves coins, counts fees, and can be undone to the same coins', () => {
    const chain = ripeChain()
    const before = new Map(chain.coins)
    const point = pointAt(chain, 1)
    const first = spendAll(
      me,
      [{ point, value: SUBSIDY }],
      [
        { value: 3_000_000_000n, script: payTo(you) },
        { value: 1_999_999_000n, script: payTo(me) },
        { value: 0n, script: nullData(Uint8Array.of(1)) },
      ],
    )
    // Spends inside the block what was made inside it.
    const second = spendAll(
      you,
      [{ point: { txid: transactionId(first), vout: 0 }, value: 3_000_000_000n }],
      [{ value: 2_999_999_000n, script: payTo(you) }],
    )
    const result = chain.apply(chain.next([first, second], { fees: 2_000n }))
    expect(result.fees).toBe(2_000n)
    expect(result.spent).toEqual([{ key: outPointKey(point), coin: before.get(outPointKey(point)) }])
    expect(result.created.map(({ coin }) => coin.value).sort()).toEqual([
      1_999_999_000n,
      2_999_999_000n,
      SUBSIDY + 2_000n,
    ])
    const total = [...chain.coins.values()].reduce((sum, coin) => sum + coin.value, 0n)
    expect(total).toBe(SUBSIDY * BigInt(chain.blocks.length - 1))
    chain.undo(result)
    expect(chain.coins).toEqual(before)
  })

  const rejects = (chain: ReturnType<typeof smallChain>, ...txs: Transaction[]) => chain.connect(chain.next(txs))

  it('a coin that is not there, or is spent twice', () => {
    const chain = ripeChain()
    const point = pointAt(chain, 1)
    const spend = (value: bigint, at = point) =>
      spendAll(me, [{ point: at, value: SUBSIDY }], [{ value, script: payTo(me) }])
    const missing = { reject: 'bad-txns-inputs-missingorspent' }
    expect(rejects(chain, spend(1n, { txid: '22'.repeat(32), vout: 0 }))).toEqual(missing)
    expect(rejects(chain, spend(1n), spend(2n))).toEqual(missing)
    const child = spendAll(
      me,
      [{ point: { txid: transactionId(spend(2n)), vout: 0 }, value: 2n }],
      [{ value: 1n, script: payTo(me) }],
    )
    // A child may not stand before its parent.
    expect(rejects(chain, child, spend(2n))).toEqual(missing)
    expect(rejects(chain, spend(2n), child)).toHaveProperty('fees', SUBSIDY - 1n)
    expect(rejects(chain, spend(2n), child, { ...child, lockTime: 1 })).toEqual(missing)
  })

  it('a coinbase too young, more out than in, more claimed than due', () => {
    const chain = ripeChain()
    const spend = (height: number, value: bigint) =>
      spendAll(me, [{ point: pointAt(chain, height), value: SUBSIDY }], [{ value, script: payTo(me) }])
    expect(rejects(chain, spend(2, 1n))).toEqual({ reject: 'bad-txns-premature-spend-of-coinbase' })
    expect(rejects(chain, spend(1, SUBSIDY + 1n))).toEqual({ reject: 'bad-txns-in-belowout' })
    expect(chain.connect(chain.next([spend(1, SUBSIDY - 5n)], { fees: 6n }))).toEqual({ reject: 'bad-cb-amount' })
    expect(chain.connect(chain.next([spend(1, SUBSIDY - 5n)], { fees: 5n }))).toHaveProperty('fees', 5n)
  })

  it('a signature of another key, or over another amount', () => {
    const chain = ripeChain()
    const point = pointAt(chain, 1)
    const outputs = [{ value: 1n, script: payTo(me) }]
    const codeOf = (tx: Transaction) => rejects(chain, tx)
    expect(codeOf(spendAll(you, [{ point, value: SUBSIDY }], outputs))).toEqual({
      reject: 'block-script-verify-flag-failed (EQUALVERIFY)',
    })
    expect(codeOf(spendAll(me, [{ point, value: SUBSIDY - 1n }], outputs))).toEqual({
      reject: 'block-script-verify-flag-failed (EVAL_FALSE)',
    })
  })

  it('relative locks of blocks and of seconds (BIP 68)', () => {
    const chain = ripeChain(2)
    const height = chain.blocks.length
    const spend = (sequence: number, version = 2) =>
      spendAll(me, [{ point: pointAt(chain, 2), value: SUBSIDY, sequence }], [{ value: 1n, script: payTo(me) }], {
        version,
      })
    const tooEarly = { reject: 'bad-txns-nonfinal' }
    expect(rejects(chain, spend(height - 2))).toHaveProperty('fees')
    expect(rejects(chain, spend(height - 1))).toEqual(tooEarly)
    expect(rejects(chain, spend(height - 1, 1))).toHaveProperty('fees')
    expect(rejects(chain, spend(0x80000000 + height))).toHaveProperty('fees')
    expect(rejects(chain, spend(0x00400001))).toEqual(tooEarly)
    expect(rejects(chain, spend(0x00400000))).toHaveProperty('fees')
    const last = chain.blocks.at(-1)?.header.time ?? 0
    for (let i = 0; i < 6; i++) chain.apply(chain.next([], { timeS: last + 520 + i }))
    expect(rejects(chain, spend(0x00400001))).toHaveProperty('fees')
    expect(rejects(chain, spend(0x00400002))).toEqual(tooEarly)
  })

  it('before coinbases have heights, a txid that is still unspent may not come again (BIP 30)', () => {
    const old = { ...dev, coinbaseHeightFrom: 100 }
    const chain = smallChain(old)
    const block = chain.next([])
    const again = (height: number) => chain.connect({ ...block, header: { ...block.header, time: height } })
    const first = chain.apply(block)
    expect(again(2)).toEqual({ reject: 'bad-txns-BIP30' })
    for (const { key } of first.created) chain.coins.delete(key)
    expect(again(2)).toHaveProperty('fees')
  })

  it('scripts known to be good are not run again', () => {
    const chain = ripeChain()
    const tx = spendAll(you, [{ point: pointAt(chain, 1), value: SUBSIDY }], [{ value: 1n, script: payTo(me) }])
    const known = new Set([witnessId(tx)])
    const { medianTimeAt } = chain
    const input = { block: chain.next([tx]), height: chain.blocks.length, medianTimeAt, network: dev, curve }
    const coin = (key: string) => chain.coins.get(key)
    const scriptsKnownGood = (other: Transaction) => known.has(witnessId(other))
    expect(connectBlock({ ...input, coin, scriptsKnownGood })).toHaveProperty('fees')
    known.clear()
    expect(connectBlock({ ...input, coin, scriptsKnownGood })).toHaveProperty('reject')
  })
})

describe('templates', () => {
  it('two with another extra nonce differ', () => {
    const chain = smallChain(dev)
    const make = (extraNonce: bigint) =>
      assembleBlock({
        bits: dev.powLimitBits,
        previous: '00'.repeat(32),
        height: 1,
        time: chain.medianTimeAt(0) + 1,
        transactions: [],
        script: payTo(me),
        value: subsidyAt(dev, 1),
        extraNonce,
      })
    expect(make(1n)).toEqual(make(1n))
    expect(make(1n).header.merkleRoot).not.toBe(make(2n).header.merkleRoot)
  })
})
