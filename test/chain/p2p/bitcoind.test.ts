import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { transactionId } from '../../../domain/chain/codec.ts'
import { hostPortText } from '../../../src/chain/p2p/port.ts'
import { coinStatistics } from '../../../src/chain/rpc/coin-statistics.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../../bitcoind/bitcoind.ts'
import { coinOf, key, pay } from '../coins.ts'
import { ripeCoins } from '../fresh-node.ts'
import { type PeeringBitcoind, peeringBitcoind, peersOf, untilTip } from './peering-bitcoind.ts'
import { LIMIT_MS, type Member, member, until } from './rig.ts'

vi.setConfig({ testTimeout: 2 * LIMIT_MS })

const alice = key(1)
const bob = key(2)
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'
const hash = z.string()

const generate = (bitcoind: PeeringBitcoind, blocks: number, address = ADDRESS) =>
  bitcoind.call(z.array(hash), 'generatetoaddress', [blocks, address])

/** Until ours stands where the real one does. */
const follows = (ours: Member, bitcoind: PeeringBitcoind) =>
  until(
    async () => (await ours.node.tip()).hash === (await bitcoind.tip()),
    async () => ({ ours: await ours.node.tip(), lines: ours.lines.slice(-30), log: bitcoind.log() }),
  )

/** What all unspent outputs hash to, at either. */
const sameCoins = async (ours: Member, bitcoind: PeeringBitcoind) => {
  const info = await bitcoind.call(z.object({ hash_serialized_3: hash }), 'gettxoutsetinfo')
  expect(coinStatistics(ours.node.inside.store.coins, true).hash).toBe(info.hash_serialized_3)
}

const WALLET = { wallet: true, settings: ['-fallbackfee=0.0002'] }
const KINDS = ['legacy', 'p2sh-segwit', 'bech32', 'bech32m']

describe.skipIf(skipWithoutBitcoind)(`beside a real bitcoind ${whyNoBitcoind}`, () => {
  it('shakes hands with it, whoever calls', async () => {
    const bitcoind = await peeringBitcoind()
    const ours = await member({ connect: [bitcoind.at] })
    await until(
      () => ours.p2p.peers().length === 1,
      () => ours.lines,
    )
    expect(ours.p2p.peers()[0]!.version!.userAgent).toContain('Satoshi')
    expect(await peersOf(bitcoind)).toMatchObject([{ subver: '/zennet:test/', inbound: true }])
    const called = await member()
    await bitcoind.call(z.null(), 'addnode', [hostPortText(called.at), 'add'])
    await until(
      () => called.p2p.peers().length === 1,
      () => ({ lines: called.lines, log: bitcoind.log() }),
    )
    expect(called.p2p.peers()[0]!.direction).toBe('inbound')
  })

  it('takes its chain of 310 blocks with transactions of all kinds of addresses, and what it makes then', async () => {
    const bitcoind = await peeringBitcoind(WALLET)
    await bitcoind.call(z.unknown(), 'createwallet', ['w'])
    const addresses = await Promise.all(KINDS.map((kind) => bitcoind.call(z.string(), 'getnewaddress', ['', kind])))
    await generate(bitcoind, 110, addresses[2])
    for (let round = 0; round < 40; round++) {
      await bitcoind.call(hash, 'sendmany', ['', Object.fromEntries(addresses.map((one) => [one, 0.5]))])
      await generate(bitcoind, 5, addresses[round % 4])
    }
    const ours = await member({ connect: [bitcoind.at] })
    await follows(ours, bitcoind)
    expect((await ours.node.tip()).height).toBe(310)
    await sameCoins(ours, bitcoind)
    expect(ours.lines.map(({ text }) => text)).toContain('block 310 of 310')
    await generate(bitcoind, 3)
    await follows(ours, bitcoind)
  })

  it('gives it our chain of 320 blocks with transactions, and what we make then', async () => {
    const bitcoind = await peeringBitcoind()
    const ours = await member()
    for (let round = 0; round < 5; round++) {
      for (const coin of await ripeCoins(ours.node, alice, 4)) {
        const tx = pay(coin, bob)
        await ours.node.broadcast(tx)
        await ours.node.broadcast(pay(coinOf(tx, 0, bob), alice))
      }
    }
    await ours.node.mine(2, alice.script)
    await bitcoind.call(z.null(), 'addnode', [hostPortText(ours.at), 'add'])
    await untilTip(bitcoind, (await ours.node.tip()).hash)
    expect(await bitcoind.height()).toBeGreaterThan(320)
    await sameCoins(ours, bitcoind)
    await ours.node.mine(3, alice.script)
    await untilTip(bitcoind, (await ours.node.tip()).hash)
  })

  it('passes on transactions both ways, with what spends them', async () => {
    const bitcoind = await peeringBitcoind(WALLET)
    const ours = await member({ connect: [bitcoind.at] })
    await bitcoind.call(z.unknown(), 'createwallet', ['w'])
    const [coin] = await ripeCoins(ours.node, alice, 1)
    const own = await bitcoind.call(z.string(), 'getnewaddress', ['', 'bech32m'])
    await untilTip(bitcoind, (await ours.node.tip()).hash)
    await generate(bitcoind, 101, own)
    await follows(ours, bitcoind)
    const parent = pay(coin!, bob)
    const child = pay(coinOf(parent, 0, bob), alice)
    await ours.node.broadcast(parent)
    await ours.node.broadcast(child)
    const wanted = [transactionId(parent), transactionId(child)]
    await until(
      async () => (await bitcoind.mempool()).filter((txid) => wanted.includes(txid)).length === 2,
      () => ({ lines: ours.lines, log: bitcoind.log() }),
    )
    const txids = [
      await bitcoind.call(hash, 'sendtoaddress', [ADDRESS, 1]),
      await bitcoind.call(hash, 'sendtoaddress', [ADDRESS, 2]),
    ]
    await until(
      () => txids.every((txid) => ours.node.inside.pool.get(txid)),
      () => ({ lines: ours.lines, log: bitcoind.log() }),
    )
    await ours.node.mine(1, alice.script)
    await untilTip(bitcoind, (await ours.node.tip()).hash)
    expect(await bitcoind.mempool()).toEqual([])
  })

  it('comes to the chain of most work with it, whichever side has it', async () => {
    const bitcoind = await peeringBitcoind()
    const ours = await member({ connect: [bitcoind.at] })
    await ours.node.mine(110, alice.script)
    await untilTip(bitcoind, (await ours.node.tip()).hash)
    const apart = async (our: number, their: number) => {
      await bitcoind.call(z.boolean(), 'setnetworkactive', [false])
      await until(() => ours.p2p.peers().length === 0)
      await ours.node.mine(our, bob.script)
      await generate(bitcoind, their)
      const tips = { ours: (await ours.node.tip()).hash, theirs: await bitcoind.tip() }
      expect(tips.ours).not.toBe(tips.theirs)
      await bitcoind.call(z.boolean(), 'setnetworkactive', [true])
      await follows(ours, bitcoind)
      return tips
    }
    const first = await apart(3, 6)
    expect((await ours.node.tip()).hash).toBe(first.theirs)
    const second = await apart(14, 4)
    expect(await bitcoind.tip()).toBe(second.ours)
  })
})
