import { describe, expect, it } from 'vitest'
import { headerHash, transactionId } from '../../domain/chain/codec.ts'
import { targetOf } from '../../domain/chain/pow.ts'
import { coinOf, key, pay } from './coins.ts'
import { freshNode, ripeCoins } from './fresh-node.ts'
import { makeBlock, refOf, withWork } from './make-block.ts'
import { refoldCoins, storedCoins } from './refold.ts'

const alice = key(1)
const bob = key(2)

describe('a block from elsewhere', () => {
  it('extends the chain, and a second time changes nothing', async () => {
    const { node } = await freshNode()
    const block = makeBlock(node, await node.tip(), alice)
    expect(await node.submitBlock(block)).toMatchObject({ hash: headerHash(block.header), disconnected: [] })
    expect(await node.tip()).toEqual(refOf(block, 1))
    expect(await node.submitBlock(block)).toMatchObject({ connected: [], disconnected: [] })
  })

  it('of a branch with as much work waits, and with more work wins', async () => {
    const { node } = await freshNode()
    const [coin] = await ripeCoins(node, alice, 1)
    const base = await node.tip()
    const tx = pay(coin!, bob)
    await node.broadcast(tx)
    const [own] = await node.mine(1, alice.script)
    const first = makeBlock(node, base, bob)
    await node.submitBlock(first)
    expect((await node.tip()).hash).toBe(own)
    const second = makeBlock(node, refOf(first, base.height + 1), bob)
    await node.submitBlock(second)
    expect(await node.tip()).toEqual(refOf(second, base.height + 2))
    expect((await node.mempool()).map(transactionId)).toEqual([transactionId(tx)])
    expect(storedCoins(node)).toEqual(await refoldCoins(node))
  })

  it('that breaks a rule deep in a heavier branch leaves the chain as it was', async () => {
    const { node } = await freshNode()
    const [coin] = await ripeCoins(node, alice, 1)
    const base = await node.tip()
    await node.mine(1, alice.script)
    const before = await node.tip()
    const coins = storedCoins(node)
    // It takes more than subsidy and fees, which only connecting can tell.
    const greedy = makeBlock(node, base, bob, { fees: 1n, transactions: [] })
    expect(await node.submitBlock(greedy)).toMatchObject({ connected: [] })
    const onGreedy = makeBlock(node, refOf(greedy, base.height + 1), bob)
    expect(await node.submitBlock(onGreedy)).toEqual({ reject: 'bad-prevblk' })
    expect(await node.tip()).toEqual(before)
    expect(storedCoins(node)).toEqual(coins)
    expect(await node.submitBlock(makeBlock(node, refOf(onGreedy, base.height + 2), bob))).toEqual({
      reject: 'bad-prevblk',
    })
    expect(await node.submitBlock(greedy)).toEqual({ reject: 'duplicate-invalid' })
    expect(await node.output(coin!)).toBeDefined()
  })

  it('evicts what it conflicts with, and all that depends on it', async () => {
    const { node } = await freshNode()
    const [coin, other] = await ripeCoins(node, alice, 2)
    const parent = pay(coin!, bob)
    const child = pay(coinOf(parent, 0, bob), bob)
    const bystander = pay(other!, bob)
    for (const tx of [parent, child, bystander]) await node.broadcast(tx)
    const rival = pay(coin!, alice, 2000n)
    await node.submitBlock(makeBlock(node, await node.tip(), bob, { transactions: [rival], fees: 2000n }))
    expect((await node.mempool()).map(transactionId)).toEqual([transactionId(bystander)])
    expect(await node.output({ txid: transactionId(rival), vout: 0 })).toBeDefined()
  })

  it('taken out again makes spends of young coins leave the mempool', async () => {
    const { node } = await freshNode()
    const [coin] = await ripeCoins(node, alice, 1)
    // Two blocks back, the coin is one block too young for the next.
    const last = await node.blockAt((await node.tip()).height - 1)
    await node.broadcast(pay(coin!, bob))
    await node.invalidateBlock(last!.hash)
    expect(await node.mempool()).toEqual([])
  })

  const spoiled: [string, string, Parameters<typeof makeBlock>[3]][] = [
    ['takes more than it may', 'bad-cb-amount', { fees: 1n }],
    [
      'has another merkle root',
      'bad-txnmrklroot',
      { change: (b) => ({ ...b, header: { ...b.header, merkleRoot: '44'.repeat(32) } }) },
    ],
    ['has no transactions', 'bad-txnmrklroot', { change: (b) => ({ ...b, transactions: [] }) }],
    ['is older than the median', 'time-too-old', { change: (b) => ({ ...b, header: { ...b.header, time: 1 } }) }],
    ['comes from the future', 'time-too-new', { change: (b) => ({ ...b, header: { ...b.header, time: 0xfffffff0 } }) }],
    [
      'has an old version',
      'bad-version(0x00000001)',
      { change: (b) => ({ ...b, header: { ...b.header, version: 1 } }) },
    ],
    [
      'follows nothing',
      'prev-blk-not-found',
      { change: (b) => ({ ...b, header: { ...b.header, previous: '55'.repeat(32) } }) },
    ],
  ]
  for (const [what, reject, options] of spoiled)
    it(`that ${what} is refused: ${reject}`, async () => {
      const { node } = await freshNode()
      const before = await node.tip()
      expect(await node.submitBlock(makeBlock(node, before, alice, options))).toEqual({ reject })
      expect(await node.tip()).toEqual(before)
      expect((await node.mine(1, alice.script)).length).toBe(1)
    })

  it('without its work is refused', async () => {
    const { node } = await freshNode()
    const block = makeBlock(node, await node.tip(), alice)
    let header = block.header
    while (BigInt(`0x${headerHash(header)}`) <= targetOf(header.bits)!) header = { ...header, nonce: header.nonce + 1 }
    expect(await node.submitBlock({ ...block, header })).toEqual({ reject: 'high-hash' })
    expect(await node.submitBlock(withWork(node, block))).toMatchObject({ disconnected: [] })
  })

  it('with a bad signature is refused, and its good copy is taken', async () => {
    const { node } = await freshNode()
    const [coin] = await ripeCoins(node, alice, 1)
    const tip = await node.tip()
    const forged = pay({ ...coin!, owner: { ...alice, secret: bob.secret } }, bob)
    const refused = await node.submitBlock(makeBlock(node, tip, bob, { transactions: [forged], fees: 1000n }))
    expect('reject' in refused && refused.reject).toMatch(/^block-script-verify-flag-failed/)
    await node.submitBlock(makeBlock(node, tip, bob, { transactions: [pay(coin!, bob)], fees: 1000n }))
    expect((await node.tip()).height).toBe(tip.height + 1)
  })
})
