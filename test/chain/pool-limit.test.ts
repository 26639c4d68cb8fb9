import { expect, it, onTestFinished } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { POOL_EXPIRY_MS } from '../../src/chain/xencoind/pool-limit.ts'
import { ROLLING_FEE_HALF_LIFE_S } from '../../src/chain/xencoind/rolling-fee.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { coinOf, curve, key, pay } from './coins.ts'
import { freshDir, ripeCoins } from './fresh-node.ts'

const alice = key(1)
const bob = key(2)
const HOUR_MS = 3_600_000
/** Room for about a dozen small transactions. */
const SMALL_POOL_BYTES = 52_000

/** A node with a clock that the test moves. */
const opened = async (maxPoolBytes?: number) => {
  let nowMs = 1_790_000_000_000
  const dataDir = await freshDir()
  const open = () =>
    openXencoind({
      dataDir,
      network: networkNamed('xencoin-dev'),
      curve,
      clock: { ...systemClock, now: () => nowMs },
      ...(maxPoolBytes === undefined ? {} : { maxPoolBytes }),
    })
  let node = await open()
  onTestFinished(() => node.close())
  return {
    node,
    pass: (ms: number) => {
      nowMs += ms
    },
    reopen: async () => {
      await node.close()
      node = await open()
      return node
    },
  }
}

it('is full: what pays least leaves with what depends on it, and the least fee rises until blocks and time have passed', async () => {
  const { node, pass } = await opened(SMALL_POOL_BYTES)
  const coins = await ripeCoins(node, alice, 40)
  // The first pays least by itself, but its child pays for both; the second has a child that pays nothing more.
  const saved = pay(coins[0]!, bob, 200n)
  const saver = pay(coinOf(saved, 0, bob), alice, 90_000n)
  const lost = pay(coins[1]!, bob, 300n)
  const lostChild = pay(coinOf(lost, 0, bob), alice, 200n)
  for (const tx of [saved, saver, lost, lostChild]) await node.broadcast(tx)
  for (const [i, coin] of coins.slice(2, 30).entries()) await node.broadcast(pay(coin, bob, 1000n + BigInt(i) * 100n))
  expect(node.inside.pool.usageBytes).toBeLessThanOrEqual(SMALL_POOL_BYTES)
  const left = new Set((await node.mempool()).map(transactionId))
  expect([saved, saver, lost, lostChild].map((tx) => left.has(transactionId(tx)))).toEqual([true, true, false, false])
  const rates = [...left].map((txid) => node.inside.pool.get(txid)!).map(({ fee, vsize }) => Number(fee) / vsize)
  expect(rates.filter((rate) => rate < 10)).toHaveLength(1)

  const least = node.inside.leastFeeRate()
  expect(least).toBeGreaterThan(9000n)
  await expect(node.broadcast(pay(coins[30]!, bob, 500n))).rejects.toMatchObject({ reason: 'mempool min fee not met' })
  await node.broadcast(pay(coins[31]!, bob, 100_000n))

  const raised = node.inside.leastFeeRate()
  expect(raised).toBeGreaterThanOrEqual(least)
  // Without a block it does not fall.
  pass(HOUR_MS)
  expect(node.inside.leastFeeRate()).toBe(raised)
  await node.mine(1, alice.script)
  expect(await node.mempool()).toEqual([])
  pass((ROLLING_FEE_HALF_LIFE_S / 4) * 1000)
  // The last newcomer may have raised it once more.
  expect(Number(node.inside.leastFeeRate()) / Number(raised)).toBeCloseTo(0.5, 3)
  pass(ROLLING_FEE_HALF_LIFE_S * 1000 * 2)
  expect(node.inside.leastFeeRate()).toBe(0n)
  await node.broadcast(pay(coins[30]!, bob, 500n))
})

it('forgets after two weeks what no block took, with what depends on it, and not before', async () => {
  const { node, pass, reopen } = await opened()
  const coins = await ripeCoins(node, alice, 3)
  const old = pay(coins[0]!, bob)
  const child = pay(coinOf(old, 0, bob), alice)
  await node.broadcast(old)
  pass(POOL_EXPIRY_MS - HOUR_MS)
  await node.broadcast(child)
  await node.broadcast(pay(coins[1]!, bob))
  expect(await node.mempool()).toHaveLength(3)
  const again = await reopen()
  expect(await again.mempool()).toHaveLength(3)
  pass(2 * HOUR_MS)
  const fresh = pay(coins[2]!, bob)
  await again.broadcast(fresh)
  expect((await again.mempool()).map(transactionId)).toEqual([pay(coins[1]!, bob), fresh].map(transactionId))
  expect(await (await reopen()).mempool()).toHaveLength(2)
})

it('keeps a replacement over a restart, and not what it replaced', async () => {
  const { node, reopen } = await opened()
  const [coin] = await ripeCoins(node, alice, 1)
  const first = pay(coin!, bob)
  await node.broadcast(first)
  await node.broadcast(pay(coinOf(first, 0, bob), alice))
  const second = pay(coin!, alice, 9000n)
  await node.broadcast(second)
  expect((await node.mempool()).map(transactionId)).toEqual([transactionId(second)])
  const again = await reopen()
  expect((await again.mempool()).map(transactionId)).toEqual([transactionId(second)])
  expect(await again.output({ txid: transactionId(first), vout: 0 })).toBeUndefined()
})
