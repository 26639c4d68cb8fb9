import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { Block, BlockHeader } from '../../../domain/chain/block.ts'
import { headerHash } from '../../../domain/chain/codec.ts'
import { findNonce } from '../../../domain/chain/find-nonce.ts'
import { networkNamed } from '../../../domain/chain/network.ts'
import { encodeEnvelope } from '../../../domain/chain/wire/envelope.ts'
import { INVENTORY, WITNESS_BLOCK } from '../../../domain/chain/wire/inventory.ts'
import { NET } from '../../../domain/chain/wire/net-address.ts'
import { key, pay } from '../coins.ts'
import { ripeCoins } from '../fresh-node.ts'
import { makeBlock } from '../make-block.ts'
import { LIMIT_MS, type Member, member, sameTip, until } from './rig.ts'
import { endsWith, stranger, versionOf } from './stranger.ts'

vi.setConfig({ testTimeout: 2 * LIMIT_MS })

const alice = key(1)
const bob = key(2)
const regtest = networkNamed('regtest')
const randomHash = () => randomBytes(32).toString('hex')
const bannedOf = ({ p2p }: Member) => p2p.bans().map(({ subnet }) => subnet)

/** A block comes through it to another peer: it does its work. */
const stillWorks = async (target: Member) => {
  const other = await member({ connect: [target.at], host: '127.0.0.9' })
  await sameTip([target, other], 0)
  await other.node.mine(1, bob.script)
  await sameTip([target, other], 1)
  await other.close()
}

/** Headers that follow each other, of blocks that nobody has. */
const headersOn = (node: Member, previous: BlockHeader, count: number): BlockHeader[] => {
  const headers: BlockHeader[] = []
  for (let at = previous; headers.length < count; at = headers.at(-1)!) {
    const next = { ...at, version: 0x20000000, previous: headerHash(at), merkleRoot: randomHash(), time: at.time + 1 }
    headers.push(findNonce({ ...next, bits: node.node.network.powLimitBits, nonce: 0 }, 0xffff)!)
  }
  return headers
}
const genesisOf = async ({ node }: Member) => (await node.blockAt(0))!.block.header

describe('bytes that are no messages', () => {
  const ping = () => encodeEnvelope(regtest, 'ping', new Uint8Array(8))
  const changed = (at: number, ...bytes: number[]) => {
    const message = ping()
    message.set(bytes, at)
    return message
  }
  it.each([
    ['chain.peer-wrong-magic', changed(0, 1, 2, 3, 4)],
    ['chain.peer-wrong-magic', new Uint8Array(randomBytes(3000))],
    ['chain.peer-bad-checksum', changed(24, 7)],
    ['chain.peer-oversize', changed(16, 0, 0, 0, 1)],
    ['chain.peer-oversize', changed(16, 9, 0, 0, 0)],
    ['chain.peer-malformed', changed(4, 0x07)],
    ['chain.peer-malformed', encodeEnvelope(regtest, 'inv', Uint8Array.of(0xfd, 1, 0))],
    ['chain.peer-malformed', encodeEnvelope(regtest, 'ping', new Uint8Array(7))],
  ])('end the connection as %s (%#)', async (code, bytes) => {
    const target = await member()
    const one = await stranger(target)
    one.wire.write(bytes)
    await endsWith(target, code)
    await until(one.isOver)
    await stillWorks(target)
  })
})

describe('handshakes', () => {
  it('that are too old, out of order or doubled end', async () => {
    const target = await member()
    const old = await stranger(target, { shakes: false })
    old.send(versionOf({ version: 70011 }))
    await endsWith(target, 'chain.peer-too-old')
    const early = await stranger(target, { shakes: false, from: '127.0.0.3' })
    early.send({ command: 'ping', nonce: 1n })
    await endsWith(target, 'chain.peer-handshake')
    expect(bannedOf(target)).toEqual(['127.0.0.3/32'])
    const twice = await stranger(target, { from: '127.0.0.4' })
    twice.send(versionOf())
    await until(twice.isOver)
    expect(bannedOf(target)).toEqual(['127.0.0.3/32', '127.0.0.4/32'])
  })

  it('that do not begin, or do not go on, end in time', async () => {
    const target = await member({ limits: { handshakeMs: 300 } })
    const silent = await stranger(target, { shakes: false })
    const halfOpen = await stranger(target, { shakes: false })
    halfOpen.send(versionOf())
    await until(() => silent.isOver() && halfOpen.isOver())
    expect(target.codes().filter((code) => code === 'chain.peer-handshake-timeout')).toHaveLength(2)
  })

  it('that stay half open leave place for others', async () => {
    const target = await member({ limits: { peers: 10, outbound: 2 } })
    for (let i = 0; i < 30; i++) await stranger(target, { shakes: false })
    expect(target.codes()).toContain('chain.peer-evicted')
    await stillWorks(target)
  })
})

describe('peers that do not keep up', () => {
  it('with a message that they began', async () => {
    const target = await member({ limits: { messageMs: 300 } })
    const one = await stranger(target, { reads: false })
    one.wire.write(encodeEnvelope(regtest, 'ping', new Uint8Array(8)).subarray(0, 20))
    await endsWith(target, 'chain.peer-slow-message')
  })

  it('with an answer to a ping', async () => {
    const target = await member({ limits: { pingEveryMs: 100, pingMs: 300 } })
    await stranger(target, { reads: false })
    await endsWith(target, 'chain.peer-ping-timeout')
  })

  it('with reading what they asked for, which is not gathered for them', async () => {
    const target = await member({ limits: { sendMs: 500, pingEveryMs: 600_000 } })
    await target.node.mine(1, alice.script)
    const { hash } = await target.node.tip()
    const one = await stranger(target, { reads: false })
    const items = Array.from({ length: 50_000 }, () => ({ type: WITNESS_BLOCK, hash }))
    for (let i = 0; i < 3; i++) one.send({ command: 'getdata', items })
    let most = 0
    await until(() => {
      most = Math.max(most, ...target.p2p.peers().map(({ connection }) => connection.queuedBytes))
      return target.codes().includes('chain.peer-slow-reader')
    })
    expect(most).toBeLessThan(1_000_000)
    await stillWorks(target)
  })
})

describe('headers', () => {
  it('without work, or that do not follow each other, ban who sent them', async () => {
    const target = await member()
    const genesis = await genesisOf(target)
    const [good, next] = headersOn(target, genesis, 2)
    const lazy = await stranger(target)
    let bad = good!
    while (BigInt(`0x${headerHash(bad)}`) >> 255n === 0n) bad = { ...bad, nonce: bad.nonce + 1 }
    lazy.send({ command: 'headers', headers: [bad] })
    await endsWith(target, 'chain.peer-bad-header')
    const torn = await stranger(target, { from: '127.0.0.3' })
    torn.send({ command: 'headers', headers: [next!, good!] })
    await until(torn.isOver)
    expect(bannedOf(target)).toEqual(['127.0.0.2/32', '127.0.0.3/32'])
    const again = await stranger(target, { shakes: false })
    await until(again.isOver)
    expect(target.codes()).toContain('chain.peer-banned')
    await stillWorks(target)
  })

  it('without end and with little work take bounded room', async () => {
    const target = await member({ limits: { headersPerPeer: 60 } })
    await target.node.mine(100, alice.script)
    const one = await stranger(target)
    const headers = headersOn(target, await genesisOf(target), 90)
    one.send({ command: 'headers', headers: headers.slice(0, 40) })
    one.send({ command: 'headers', headers: headers.slice(40) })
    await endsWith(target, 'chain.peer-low-work')
    expect(one.heard.some(({ command }) => command === 'getdata')).toBe(false)
    expect(bannedOf(target)).toEqual(['127.0.0.2/32'])
    expect(target.p2p.bestHeight()).toBe(100)
  })

  it('that lead nowhere are asked about ten times', async () => {
    const target = await member()
    const one = await stranger(target)
    const lost = headersOn(target, { ...(await genesisOf(target)), nonce: 77 }, 1)
    for (let i = 0; i < 11; i++) one.send({ command: 'headers', headers: lost })
    await endsWith(target, 'chain.peer-unconnected-headers')
  })

  it('whose blocks do not come hold up nobody', async () => {
    const target = await member({ limits: { blockMs: 500 } })
    const one = await stranger(target)
    one.send({ command: 'headers', headers: headersOn(target, await genesisOf(target), 30) })
    await one.hears('getdata')
    await endsWith(target, 'chain.peer-stalled')
    await stillWorks(target)
  })
})

describe('blocks', () => {
  it('that nobody asked for are not read', async () => {
    const target = await member()
    const one = await stranger(target)
    one.send({ command: 'block', block: makeBlock(target.node, await target.node.tip(), bob) })
    await endsWith(target, 'chain.peer-unrequested')
    expect((await target.node.tip()).height).toBe(0)
  })

  const serve = async (target: Member, blocks: readonly Block[], from: string) => {
    const one = await stranger(target, { from })
    one.send({ command: 'headers', headers: blocks.map(({ header }) => header) })
    const { items } = await one.hears('getdata')
    for (const { hash } of items) {
      const block = blocks.find(({ header }) => headerHash(header) === hash)
      if (block !== undefined) one.send({ command: 'block', block })
    }
    return one
  }

  it('that break the rules ban who sent them, and an honest chain with less work wins', async () => {
    const target = await member()
    const greedy = makeBlock(target.node, await target.node.tip(), bob, { fees: 1n })
    const above = headersOn(target, greedy.header, 5).map((header) => ({ header, transactions: greedy.transactions }))
    const one = await serve(target, [greedy, ...above], '127.0.0.2')
    await endsWith(target, 'chain.peer-bad-block')
    await until(one.isOver)
    expect(bannedOf(target)).toEqual(['127.0.0.2/32'])
    // Who shows the same chain is let go of before any of it is fetched.
    const other = await stranger(target, { from: '127.0.0.3' })
    other.send({ command: 'headers', headers: [greedy.header] })
    await endsWith(target, 'chain.peer-invalid-chain')
    const honest = await member({ connect: [target.at] })
    await honest.node.mine(2, alice.script)
    await sameTip([target, honest], 2)
  })

  it('that were damaged on the way are asked of another', async () => {
    const target = await member()
    const good = makeBlock(target.node, await target.node.tip(), bob)
    const damaged = { ...good, transactions: [...good.transactions, ...good.transactions] }
    await serve(target, [damaged], '127.0.0.2')
    await endsWith(target, 'chain.peer-bad-block')
    await serve(target, [good], '127.0.0.3')
    await until(async () => (await target.node.tip()).hash === headerHash(good.header))
  })
})

describe('floods', () => {
  it('of announcements are bounded, and others are heard', async () => {
    const network = networkNamed('xencoin-dev')
    const target = await member({ network, limits: { transactionMs: 200 } })
    const [coin] = await ripeCoins(target.node, alice, 1)
    const one = await stranger(target)
    for (let i = 0; i < 4; i++) {
      const items = Array.from({ length: 50_000 }, () => ({ type: INVENTORY.wtx, hash: randomHash() }))
      one.send({ command: 'inv', items })
    }
    await one.hears('getdata')
    const other = await member({ network, connect: [target.at], host: '127.0.0.9' })
    await sameTip([target, other], 11)
    const tx = pay(coin!, bob)
    await other.node.broadcast(tx)
    await until(() => target.node.inside.pool.size === 1)
    const [flooding] = target.p2p.peers().filter(({ version }) => version?.userAgent === '/stranger/')
    expect(flooding!.pool.announced.size).toBeLessThanOrEqual(5_000)
    expect(flooding!.pool.requested.size).toBeLessThanOrEqual(100)
  })

  it('of requests for what is not there are answered, and others are served', async () => {
    const target = await member()
    await target.node.mine(3, alice.script)
    const one = await stranger(target)
    for (let i = 0; i < 4; i++) {
      const items = Array.from({ length: 50_000 }, () => ({ type: INVENTORY.tx, hash: randomHash() }))
      one.send({ command: 'getdata', items })
    }
    await stillWorks(target)
    await until(() => one.heard.filter(({ command }) => command === 'notfound').length === 4)
  })

  it('of addresses fill no more than their share', async () => {
    const target = await member({ limits: { outbound: 0 } })
    const one = await stranger(target)
    const addresses = Array.from({ length: 1000 }, () => ({
      net: NET.ipv4,
      bytes: Uint8Array.of(93, ...randomBytes(3)),
      port: 18_444,
      services: 9n,
      timeS: Math.floor(Date.now() / 1000),
    }))
    for (let i = 0; i < 3; i++) one.send({ command: 'addr', addresses })
    one.send({ command: 'ping', nonce: 5n })
    await one.hears('pong')
    expect(target.p2p.addressCount()).toBeLessThanOrEqual(256)
    expect(target.p2p.peers()[0]!.addresses.dropped).toBeGreaterThan(1_900)
  })

  it('of messages are read more slowly, and end nobody', async () => {
    const target = await member({ limits: { messagesPerS: 1_000, messageBurst: 100 } })
    const one = await stranger(target)
    for (let i = 0; i < 1_000; i++) one.send({ command: 'ping', nonce: BigInt(i) })
    await until(() => one.heard.filter(({ command }) => command === 'pong').length === 1_000)
    expect(one.isOver()).toBe(false)
  })
})
