import { describe, expect, it, vi } from 'vitest'
import { transactionId } from '../../../domain/chain/codec.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { coinOf, key, pay } from '../coins.ts'
import { ripeCoins } from '../fresh-node.ts'
import { makeBlock } from '../make-block.ts'
import { LIMIT_MS, type Member, member, sameTip, until } from './rig.ts'

vi.setConfig({ testTimeout: 2 * LIMIT_MS })

const alice = key(1)
const bob = key(2)

const connected = (one: Member, count: number) =>
  until(
    () => one.p2p.peers().length >= count,
    () => one.lines,
  )

describe('three nodes in a line', () => {
  it('have one chain and one mempool, whoever makes a block or sends a transaction', async () => {
    const first = await member()
    const coins = await ripeCoins(first.node, alice, 3)
    const second = await member({ connect: [first.at] })
    const third = await member({ connect: [second.at] })
    const all = [first, second, third]
    await sameTip(all, 103)
    await third.node.mine(2, bob.script)
    await sameTip(all, 105)
    const sent = [pay(coins[0]!, bob), pay(coins[1]!, bob)]
    await first.node.broadcast(sent[0]!)
    await third.node.broadcast(sent[1]!)
    await third.node.broadcast(pay(coinOf(sent[1]!, 0, bob), alice))
    await until(
      () => all.every(({ node }) => node.inside.pool.size === 3),
      () => all.map(({ node }) => node.inside.pool.all().map(({ txid }) => txid)),
    )
    await second.node.mine(1, bob.script)
    await sameTip(all, 106)
    expect(all.map(({ node }) => node.inside.pool.size)).toEqual([0, 0, 0])
  })

  it('hear of transactions that were sent before they met', async () => {
    const first = await member()
    const [coin] = await ripeCoins(first.node, alice, 1)
    const tx = pay(coin!, bob)
    await first.node.broadcast(tx)
    const second = await member({ connect: [first.at] })
    await until(() => second.node.inside.pool.get(transactionId(tx)))
  })
})

it('a node that lost a branch takes the other, and its transactions wait again', async () => {
  const first = await member()
  const [coin] = await ripeCoins(first.node, alice, 1)
  const second = await member({ connect: [first.at] })
  await sameTip([first, second], 101)
  await second.close()
  const tx = pay(coin!, bob)
  await first.node.broadcast(tx)
  await first.node.mine(2, alice.script)
  const again = await member({ dataDir: second.dataDir })
  await again.node.mine(5, bob.script)
  again.p2p.name(first.at)
  await sameTip([first, again], 106)
  await until(() => again.node.inside.pool.get(transactionId(tx)))
  expect(first.node.inside.pool.get(transactionId(tx))).toBeDefined()
})

it('blocks come from several peers at once', async () => {
  const first = await member()
  await first.node.mine(300, alice.script)
  const second = await member({ connect: [first.at] })
  await sameTip([first, second], 300)
  const third = await member({ connect: [first.at, second.at], limits: { blocksPerPeer: 4 } })
  await sameTip([first, second, third], 300)
  const sent = [first, second].map(({ p2p }) => p2p.totals.sentBy.get('block') ?? 0)
  expect(Math.min(...sent)).toBeGreaterThan(0)
})

it('headers are asked for in turns when there is no room for all', async () => {
  const first = await member({ network: networkNamed('xencoin-dev') })
  await first.node.mine(120, alice.script)
  const limits = { headersPerPeer: 50, headersInAll: 60, blockWindow: 8 }
  const second = await member({ network: networkNamed('xencoin-dev'), connect: [first.at], limits })
  await sameTip([first, second], 120)
})

it('a third node finds the second by hearsay, and remembers it', async () => {
  const first = await member()
  const second = await member({ addNodes: [first.at] })
  await connected(first, 1)
  await until(
    () => first.p2p.addressCount() > 0,
    () => first.lines,
  )
  const third = await member({ addNodes: [first.at], listens: false })
  await connected(third, 2)
  expect(third.p2p.peers().some(({ dialled }) => dialled === `${second.at.host}:${second.at.port}`)).toBe(true)
  await third.close()
  await first.close()
  const later = await member({ dataDir: third.dataDir, listens: false })
  await connected(later, 1)
})

it('a node does not keep a call to itself', async () => {
  const own = await member()
  own.p2p.callOnce(own.at)
  await until(
    () => own.codes().includes('chain.peer-self'),
    () => own.lines,
  )
  await own.node.mine(1, alice.script)
  expect(own.p2p.peers()).toEqual([])
})

it('nodes of two networks let go of each other', async () => {
  const dev = await member({ network: networkNamed('xencoin-dev') })
  const other = await member({ connect: [dev.at] })
  await until(() => dev.codes().includes('chain.peer-wrong-magic'))
  expect(other.p2p.peers()).toEqual([])
})

it('a block made elsewhere and given to one comes to the other', async () => {
  const first = await member()
  const second = await member({ connect: [first.at] })
  await connected(second, 1)
  const block = makeBlock(first.node, await first.node.tip(), bob)
  await first.node.submitBlock(block)
  await sameTip([first, second], 1)
})
