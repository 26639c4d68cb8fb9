import { describe, expect, it } from 'vitest'
import { type FeeHistory, newFeeHistory } from '../../src/chain/xencoind/fee-history.ts'
import { estimateFeeRate, LEAST_SAMPLES } from '../../src/chain/xencoind/fee-rate.ts'
import { newPool, type PoolEntry } from '../../src/chain/xencoind/pool.ts'
import { key, pay } from './coins.ts'
import { freshNode, ripeCoins } from './fresh-node.ts'

const alice = key(1)
const HEIGHT = 1000
let nextTxid = 1

/** An entry that pays `rate` and came at `height`; big ones fill blocks. */
const entryOf = (rate: number, height: number, vsize = 100): PoolEntry => ({
  tx: { version: 2, inputs: [], outputs: [], lockTime: 0 },
  txid: String(nextTxid++).padStart(64, '0'),
  wtxid: '',
  fee: BigInt(rate * vsize),
  vsize,
  weight: vsize * 4,
  sigops: 1,
  seq: 0,
  enteredAt: 0,
  height,
})
const seen = (...groups: { rate: number; waited: number; times?: number }[]): FeeHistory => {
  const history = newFeeHistory()
  for (const { rate, waited, times = LEAST_SAMPLES } of groups)
    for (let i = 0; i < times; i++) history.confirmed(entryOf(rate, HEIGHT - waited), HEIGHT)
  return history
}
const estimate = (history: FeeHistory, blocks: number, waiting: PoolEntry[] = []) => {
  const pool = newPool()
  for (const entry of waiting) pool.add(entry)
  return estimateFeeRate({ pool, history, height: HEIGHT }, blocks)
}

describe('the fee rate that is named', () => {
  it('is none while too little was seen', () => {
    expect(estimate(newFeeHistory(), 1)).toBeUndefined()
    expect(estimate(seen({ rate: 50, waited: 1, times: LEAST_SAMPLES - 1 }), 1)).toBeUndefined()
  })

  it('is the least with which most were in time', () => {
    const history = seen({ rate: 50, waited: 1 }, { rate: 20, waited: 3 }, { rate: 5, waited: 30 })
    expect(estimate(history, 1)).toBe(50)
    expect(estimate(history, 3)).toBe(20)
    expect(estimate(history, 100)).toBe(5)
  })

  it('is none where nothing that was seen was in time', () => {
    expect(estimate(seen({ rate: 5, waited: 30 }), 2)).toBeUndefined()
  })

  it('counts what still waits', () => {
    const history = seen({ rate: 50, waited: 1 }, { rate: 20, waited: 1 })
    expect(estimate(history, 2)).toBe(20)
    const stuck = Array.from({ length: LEAST_SAMPLES }, () => entryOf(20, HEIGHT - 10))
    expect(estimate(history, 2, stuck)).toBe(50)
  })

  it('outbids a mempool that fills the blocks', () => {
    const full = Array.from({ length: 30 }, (_, i) => entryOf(i + 1, HEIGHT, 100_000))
    expect(estimate(newFeeHistory(), 1, full)).toBe(22)
    expect(estimate(newFeeHistory(), 2, full)).toBe(12)
    expect(estimate(newFeeHistory(), 3, full)).toBe(2)
    expect(estimate(newFeeHistory(), 4, full)).toBeUndefined()
  })

  it('is learned from blocks', async () => {
    const { node } = await freshNode()
    const coins = await ripeCoins(node, alice, LEAST_SAMPLES)
    expect(node.inside.estimateFee(1)).toBeUndefined()
    expect(await node.feeRate(1)).toBe(1)
    for (const coin of coins) await node.broadcast(pay(coin, alice, 1100n))
    await node.mine(1, alice.script)
    expect(node.inside.estimateFee(1)).toBe(10)
    expect(await node.feeRate(1)).toBe(10)
  })
})
