import { expect, it } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import type { MempoolFact } from '../../domain/chain/mempool-facts.ts'
import { mempool } from '../../projections/mempool.ts'
import { systemClock } from '../../src/clock/system.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { MempoolWatch } from '../../src/market/mempool-watch.ts'
import { coinOf, key, pay } from '../chain/coins.ts'
import { freshNode, ripeCoins } from '../chain/fresh-node.ts'
import { eventually } from '../lease/eventually.ts'
import { fold } from '../projections/fold.ts'

const alice = key(1)
const bob = key(2)
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

it('keeps a stream that always folds to what waits, whatever was let go of and whoever wrote before', {
  timeout: 120_000,
}, async () => {
  const { node } = await freshNode()
  const coins = await ripeCoins(node, alice, 8)
  const journal = memoryJournal()
  const rows = async () => {
    const history = (await journal.read('mempool')).map(({ fact }) => ['mempool', fact as MempoolFact] as const)
    return [...fold(mempool, history).values()].flatMap((row) => (row.list === 'transaction' ? [row] : []))
  }
  const waits = async () => (await rows()).map(({ id }) => id).sort()
  const inPool = async () => (await node.mempool()).map(transactionId).sort()
  const same = async () => expect.poll(waits, { timeout: 30_000 }).toEqual(await inPool())
  const run = () => {
    const stop = new AbortController()
    const watch = new MempoolWatch({ engine: node, journal, clock: systemClock, log, spareFacts: 0 })
    const ended = watch.run(stop.signal)
    return async () => {
      stop.abort()
      await ended
    }
  }

  let end = run()
  const parent = pay(coins[0]!, bob)
  const child = pay(coinOf(parent, 0, bob), alice, 3_000n)
  for (const tx of [parent, child]) await node.broadcast(tx)
  await same()
  expect((await rows()).find(({ id }) => id === transactionId(child))).toMatchObject({
    fee: 3_000n,
    depends: [transactionId(parent)],
  })
  for (const coin of coins.slice(1, 5)) {
    await node.broadcast(pay(coin, bob))
    await node.broadcast(pay(coin, alice, 5_000n))
  }
  await same()
  await eventually('old facts are let go of', async () => ((await journal.read('mempool'))[0]?.version ?? 0) > 1)
  await end()

  // Nobody listens: what was taken and what came is noticed at the next start.
  await node.mine(1, alice.script)
  await node.broadcast(pay(coins[5]!, bob))
  end = run()
  await same()
  await node.mine(1, alice.script)
  await same()
  expect(await waits()).toEqual([])
  await end()
})
