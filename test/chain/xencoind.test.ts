import { expect, it } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import type { ChainEvent } from '../../src/chain/port.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { coinOf, curve, key, pay } from './coins.ts'
import { freshDir, freshNode, ripeCoins } from './fresh-node.ts'

const alice = key(1)
const bob = key(2)
const open = (dataDir: string, name: 'xencoin-dev' | 'regtest' = 'xencoin-dev') =>
  openXencoind({ dataDir, network: networkNamed(name), curve, clock: systemClock })

it('keeps a second node out of its directory, until it closes', async () => {
  const { node, dataDir } = await freshNode()
  await expect(open(dataDir)).rejects.toMatchObject({ code: 'chain.locked' })
  await node.close()
  await (await open(dataDir)).close()
})

it('refuses the directory of another network', async () => {
  const dataDir = await freshDir()
  await (await open(dataDir, 'regtest')).close()
  await expect(open(dataDir, 'xencoin-dev')).rejects.toMatchObject({ code: 'chain.wrong-store' })
})

it('mines at an interval until told to stop', async () => {
  const { node } = await freshNode()
  const stop = new AbortController()
  node.startMining({ intervalS: 0.01, script: alice.script })
  for await (const event of node.follow(undefined, stop.signal))
    if (event.kind === 'connected' && event.height === 3) stop.abort()
  await node.stopMining()
  const { height } = await node.tip()
  expect(height).toBeGreaterThanOrEqual(3)
  await node.mine(1, alice.script)
  expect((await node.tip()).height).toBe(height + 1)
})

it('puts the better paying package first and a parent before its child', async () => {
  const { node } = await freshNode()
  const [a, b, c] = await ripeCoins(node, alice, 3)
  const cheap = pay(a!, bob, 200n)
  const middle = pay(b!, bob, 2000n)
  const poorParent = pay(c!, bob, 150n)
  const richChild = pay(coinOf(poorParent, 0, bob), bob, 20_000n)
  for (const tx of [cheap, middle, poorParent, richChild]) await node.broadcast(tx)
  await node.mine(1, alice.script)
  const { block } = (await node.blockAt((await node.tip()).height))!
  expect(block.transactions.slice(1).map(transactionId)).toEqual(
    [poorParent, richChild, middle, cheap].map(transactionId),
  )
  const fees = 200n + 2000n + 150n + 20_000n
  expect(block.transactions[0]!.outputs[0]!.value).toBe(node.network.subsidy + fees)
})

it('tells of a transaction once while it stays, and again when it comes back', async () => {
  const { node } = await freshNode()
  const [coin, other] = await ripeCoins(node, alice, 4)
  const stop = new AbortController()
  const events = node.follow(await node.tip(), stop.signal)[Symbol.asyncIterator]()
  const next = async (): Promise<ChainEvent> => (await events.next()).value!
  expect((await next()).kind).toBe('caught-up')
  expect((await next()).kind).toBe('mempool-told')
  const tx = pay(coin!, bob)
  await node.broadcast(tx)
  expect(await next()).toMatchObject({ kind: 'entered', tx })
  await node.broadcast(tx)
  await node.broadcast(pay(other!, bob))
  expect(await next()).toMatchObject({ kind: 'entered', tx: pay(other!, bob) })
  const [hash] = await node.mine(1, alice.script)
  expect((await next()).kind).toBe('connected')
  await node.invalidateBlock(hash!)
  expect((await next()).kind).toBe('disconnected')
  const back = [await next(), await next()]
  expect(new Set(back.map((event) => (event.kind === 'entered' ? transactionId(event.tx) : event.kind)))).toEqual(
    new Set([tx, pay(other!, bob)].map(transactionId)),
  )
  stop.abort()
})

it('ends its followers when it closes', async () => {
  const { node } = await freshNode()
  const events = node.follow(undefined, new AbortController().signal)[Symbol.asyncIterator]()
  await events.next()
  await events.next()
  await events.next()
  const waiting = events.next()
  await node.close()
  expect((await waiting).done).toBe(true)
})

it('takes out neither an unknown block nor the genesis block', async () => {
  const { node } = await freshNode()
  await expect(node.invalidateBlock('66'.repeat(32))).rejects.toMatchObject({ code: 'chain.unknown-block' })
  await expect(node.invalidateBlock((await node.tip()).hash)).rejects.toMatchObject({ code: 'chain.unknown-block' })
})
