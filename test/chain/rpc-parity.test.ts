import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { encodeAddress } from '../../domain/chain/address.ts'
import { encodeBlock, encodeTransaction, headerHash, transactionId } from '../../domain/chain/codec.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { answerDifferences, differenceText } from './answer-differences.ts'
import { type Answer, type Ask, type BothNodes, openBothNodes, Written } from './both-nodes.ts'
import { coinOf, key, pay, spend } from './coins.ts'
import { coinbaseAt } from './fresh-node.ts'
import { KNOWN_DIFFERENCES, knownAs } from './known-differences.ts'
import { makeBlock, refOf } from './make-block.ts'
import { OUTPUT_KINDS } from './output-kinds.ts'

const alice = key(1)
const bob = key(2)
/** Knots lets no longer output script into its mempool, but for data: no bare keys, which Core lets in. */
const MOST_KNOTS_BYTES = 34

/** Core lists tips of one height in the order of their places in its memory. */
const sorted = (method: string, answer: Answer): Answer => {
  if (method !== 'getchaintips' || !('result' in answer)) return answer
  const tips = answer.result as { hash: string }[]
  return { result: [...tips].sort((a, b) => a.hash.localeCompare(b.hash)) }
}

const kindOf = (value: unknown): string =>
  value instanceof Written ? 'number' : Array.isArray(value) ? 'list' : typeof value
const OF_KNOTS = ['forced_inbound', 'last_block_announcement', 'misbehavior_score']

describe.skipIf(skipWithoutBitcoind)(`each call is answered as a real bitcoind answers it ${whyNoBitcoind}`, () => {
  let both: BothNodes
  /** Names of things on the chain, for the calls. */
  const named: Record<string, string> = {}
  const used = new Set<string>()

  beforeAll(async () => {
    both = await openBothNodes()
    const { node } = both
    named['alice'] = encodeAddress(node.network, alice.script)
    const hashes = await both.mine(120, alice.script)
    const coin = async (height: number) => coinOf(await coinbaseAt(node, height), 0, alice)
    const hex = (tx: Transaction) => toHex(encodeTransaction(tx))
    // A block that holds every kind of output, and a parent with its child.
    const kinds = spend({
      from: [await coin(1)],
      to: OUTPUT_KINDS.filter(({ script }) => script.length <= MOST_KNOTS_BYTES).map(({ script }) => ({
        value: 100_000n,
        script,
      })),
    })
    const parent = pay(await coin(2), bob)
    const child = pay(coinOf(parent, 0, bob), alice, 2500n)
    const block = makeBlock(node, await node.tip(), alice, { transactions: [kinds, parent, child] })
    expect(await both.submit(block)).toEqual({ ours: { result: null }, theirs: { result: null } })
    // A branch of two that lost, and what waits.
    const fork = { hash: hashes[117]!, height: 118 }
    const side = makeBlock(node, fork, bob)
    const aside = { result: 'inconclusive' }
    expect(await both.submit(side)).toEqual({ ours: aside, theirs: aside })
    expect(await both.submit(makeBlock(node, refOf(side, 119), bob))).toEqual({ ours: aside, theirs: aside })
    const waiting = pay(await coin(3), bob, 12_345n)
    const waitingChild = spend({
      from: [coinOf(waiting, 0, bob), await coin(4)],
      to: [
        { value: 3_000_000_000n, script: alice.script },
        { value: 6_999_000_000n, script: bob.script },
      ],
      sequence: 0xfffffffe,
    })
    for (const tx of [waiting, waitingChild]) {
      const said = { result: transactionId(tx) }
      expect(await both.send(tx)).toEqual({ ours: said, theirs: said })
    }
    await both.indexed()
    Object.assign(named, {
      tip: headerHash(block.header),
      tipHex: toHex(encodeBlock(block)),
      old: hashes[9],
      side: headerHash(side.header),
      kinds: transactionId(kinds),
      kindsHex: hex(kinds),
      parent: transactionId(parent),
      child: transactionId(child),
      coinbase: transactionId(block.transactions[0]!),
      genesisTx: transactionId((await node.blockAt(0))!.block.transactions[0]!),
      waiting: transactionId(waiting),
      waitingHex: hex(waiting),
      waitingChild: transactionId(waitingChild),
      good: hex(pay(await coin(5), bob)),
      cheap: hex(pay(await coin(5), bob, 1n)),
      dear: hex(pay(await coin(5), bob, 400_000_000n)),
      stranger: hex(pay({ ...(await coin(5)), txid: '22'.repeat(32) }, bob)),
      rival: hex(pay(await coin(3), alice, 200n)),
      spent: `${transactionId(await coinbaseAt(node, 1))}`,
      nextBlock: toHex(encodeBlock(makeBlock(node, await node.tip(), alice))),
      greedyBlock: toHex(encodeBlock(makeBlock(node, await node.tip(), alice, { fees: 1n }))),
      staleBlock: toHex(encodeBlock(makeBlock(node, fork, alice))),
      none: '11'.repeat(32),
    })
  })
  afterAll(() => both?.close())

  const sameAnswer = async (method: string, params: readonly unknown[] | Record<string, unknown>) => {
    const filled = JSON.parse(JSON.stringify(params).replace(/\$(\w+)/g, (_, name: string) => named[name] ?? '')) as []
    const [ours, theirs] = [await both.ours(method, filled), await both.theirs(method, filled)]
    const unknown = answerDifferences(sorted(method, ours), sorted(method, theirs)).filter((difference) => {
      const known = knownAs(method, difference)
      if (known !== undefined) used.add(known.why)
      return known === undefined
    })
    if (unknown.length > 0) expect.fail(unknown.map(differenceText).join('\n'))
  }

  const answers = (method: string, ...calls: (readonly unknown[] | Record<string, unknown>)[]) =>
    describe(method, () => {
      for (const params of calls) it(JSON.stringify(params), () => sameAnswer(method, params))
    })

  answers('getblockchaininfo', [], [1])
  answers('getblockcount', [])
  answers('getbestblockhash', [])
  answers('getblockhash', [0], [10], { height: 10 }, [121], [122], [-1], ['x'], [], [1, 2], { nosuch: 1, height: 0 })
  answers('getblockheader', ['$tip'], ['$old', true], ['$old', false], ['$side'], ['$none'], ['zz'], [5], ['$old', 'x'])
  answers('getblock', ['$tip'], ['$old', 0], ['$tip', 0], ['$tip', 1], ['$tip', 2], ['$tip', 3], ['$side', 2])
  answers('getblock', ['$tip', true], ['$tip', false], ['$none'], ['zz'], [`${'zz'.repeat(32)}`], [])
  answers('getchaintips', [])
  answers('getdeploymentinfo', [], ['$old'], ['$none'])
  answers('getdifficulty', [])
  answers('gettxoutsetinfo', [], ['hash_serialized_3'], ['none'], ['nonsense'])
  answers('getmininginfo', [])
  answers('getnetworkhashps', [], [10], [50, 60], [-1])
  answers('getnetworkinfo', [])
  answers('getconnectioncount', [])
  answers('getpeerinfo', [])
  answers('getaddednodeinfo', [], ['127.0.0.1:1'])
  answers('addnode', ['127.0.0.1:1', 'remove'], ['127.0.0.1:1', 'nonsense'], [])
  answers('disconnectnode', ['127.0.0.1:1'], ['', 77], ['127.0.0.1:1', 77], [])
  answers('setban', ['192.0.2.7', 'add', 1000], ['192.0.2.7', 'add'], ['198.51.100.0/24', 'add', 1_900_000_000, true])
  answers(
    'setban',
    ['2a01:4f8::1', 'add'],
    ['nonsense', 'add'],
    ['203.0.113.1', 'remove'],
    ['203.0.113.1', 'add', 1, true],
  )
  answers('listbanned', [])
  answers('setban', ['198.51.100.0/24', 'remove'], ['198.51.100.0/24', 'nonsense'])
  answers('listbanned', [])
  answers('clearbanned', [])
  answers('listbanned', [])
  answers('ping', [], [1])
  answers(
    'getrawtransaction',
    ['$kinds'],
    ['$kinds', 1],
    ['$kinds', true],
    ['$kinds', 2],
    ['$parent', 2],
    ['$child', 2],
  )
  answers(
    'getrawtransaction',
    ['$coinbase', 1],
    ['$coinbase', 2],
    ['$waiting', 1],
    ['$waiting', 2],
    ['$waitingChild', 0],
  )
  answers(
    'getrawtransaction',
    ['$child', 1, '$tip'],
    ['$child', 2, '$tip'],
    ['$child', 1, '$old'],
    ['$child', 1, '$none'],
  )
  answers('getrawtransaction', ['$none'], ['xy'], ['$genesisTx'], [])
  answers(
    'decoderawtransaction',
    ['$kindsHex'],
    ['$waitingHex'],
    ['$waitingHex', true],
    ['$waitingHex', false],
    ['00'],
    ['x'],
  )
  answers(
    'gettxout',
    ['$kinds', 0],
    ['$kinds', 1, false],
    ['$waiting', 0],
    ['$waitingChild', 0],
    ['$waitingChild', 0, false],
  )
  answers('gettxout', ['$spent', 0], ['$none', 0], ['$coinbase', 0], ['$kinds', 99], ['zz', 0])
  answers('getrawmempool', [], [true], [false, true], [true, true])
  answers('getmempoolentry', ['$waiting'], ['$waitingChild'], ['$none'], ['zz'])
  answers('getmempoolancestors', ['$waitingChild'], ['$waitingChild', true], ['$waiting'], ['$none'])
  answers('getmempooldescendants', ['$waiting'], ['$waiting', true], ['$none'])
  answers('getmempoolinfo', [])
  answers(
    'gettxspendingprevout',
    [
      [
        { txid: '$waiting', vout: 0 },
        { txid: '$kinds', vout: 0 },
      ],
    ],
    [[]],
  )
  answers(
    'testmempoolaccept',
    [['$good']],
    [['$cheap']],
    [['$dear']],
    [['$dear'], 0],
    [['$stranger']],
    [['$waitingHex']],
  )
  answers('testmempoolaccept', [['$kindsHex']], [['00']], [[]], ['x'])
  answers(
    'sendrawtransaction',
    ['$cheap'],
    ['$dear'],
    ['$stranger'],
    ['$kindsHex'],
    ['$waitingHex'],
    ['00'],
    ['zz'],
    [],
  )
  answers('estimatesmartfee', [2], [6], [0], [1009], ['x'])
  answers('getblocktemplate', [{ rules: ['segwit'] }], [{}], [], [{ mode: 'nonsense' }])
  answers('getblocktemplate', [{ mode: 'proposal', data: '$nextBlock' }], [{ mode: 'proposal', data: '$greedyBlock' }])
  answers('getblocktemplate', [{ mode: 'proposal', data: '$staleBlock' }], [{ mode: 'proposal', data: '$tipHex' }])
  answers('getblocktemplate', [{ mode: 'proposal', data: '00' }], [{ mode: 'proposal' }])
  answers('submitblock', ['$tipHex'], ['00'], ['zz'], [])
  answers(
    'validateaddress',
    ['$alice'],
    ['nonsense'],
    ['mh5CE8Nbj38iND267s4XnvhSmhDW7yWc6Q'],
    ['2ND8PB9RrfCaAcjfjP1Y6nAgFd9zWHYX4DN'],
  )
  answers('decodescript', ...OUTPUT_KINDS.map(({ script }) => [toHex(script)]), [''], ['zz'], ['4c'], ['51ff'], ['02'])
  answers('generatetoaddress', [0, '$alice'], [1, 'nonsense'], ['x', '$alice'])
  answers('prioritisetransaction', ['$waitingChild', 0, 5000], ['$none', 0, 10], ['zz', 0, 10])
  answers('getprioritisedtransactions', [])
  answers('getmempoolentry', ['$waitingChild'])
  answers('getblocktemplate', [{ rules: ['segwit'] }])
  answers('prioritisetransaction', ['$waitingChild', 0, -5000])
  answers('waitforblock', ['$tip', 1000])
  answers('waitforblockheight', [121, 1000])
  answers('waitfornewblock', [1])
  answers('uptime', [1])
  answers('help', ['nosuch'])
  answers('nosuch', [], [1])

  describe('what changes the chain', () => {
    answers('invalidateblock', ['$tip'], ['$none'], ['zz'])
    answers('getchaintips', [])
    answers('getblockheader', ['$tip'])
    answers('getblockchaininfo', [])
    answers('getrawmempool', [true])
    answers('getrawtransaction', ['$child', 1, '$tip'])
    answers('testmempoolaccept', [['$kindsHex'], 0])
    answers('submitblock', ['$tipHex'])
    answers('reconsiderblock', ['$tip'], ['$none'])
    answers('getchaintips', [])
    answers('getbestblockhash', [])
    answers('gettxoutsetinfo', [])
    answers('submitblock', ['$greedyBlock'], ['$greedyBlock'], ['$nextBlock'], ['$nextBlock'])
    answers('getchaintips', [])
  })

  it('getpeerinfo and getaddednodeinfo of two that are connected have the same fields', async () => {
    expect(await both.theirs('addnode', [both.at, 'add'])).toEqual({ result: null })
    const peerOf = async (ask: Ask) => {
      for (;;) {
        const answer = await ask('getpeerinfo')
        const [peer] = ('result' in answer ? answer.result : []) as Record<string, unknown>[]
        // Once a ping was measured; each sends one by itself at the beginning. A clock that stands still measures no time.
        if (peer !== undefined && 'minping' in peer) return { ...peer, pingtime: peer['minping'] }
        await sleep(20)
      }
    }
    const kindsOf = (peer: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(peer).map(([name, value]) => [name, kindOf(value)]))
    const [ours, theirs] = [kindsOf(await peerOf(both.ours)), kindsOf(await peerOf(both.theirs))]
    // Of Knots alone.
    for (const name of OF_KNOTS) delete theirs[name]
    expect(ours).toEqual(theirs)
    const named = async (ask: Ask) => Object.keys(((await ask('getaddednodeinfo')) as { result: object[] }).result[0]!)
    expect(await both.ours('addnode', [both.at, 'add'])).toEqual({ result: null })
    expect(await named(both.ours)).toEqual(await named(both.theirs))
    const again = await Promise.all([both.ours, both.theirs].map((ask) => ask('addnode', [both.at, 'add'])))
    expect(again[0]).toEqual(again[1])
  })

  it('has no difference in the list that is not there any more', () => {
    expect(
      KNOWN_DIFFERENCES.filter(({ theirs }) => theirs === undefined)
        .map(({ why }) => why)
        .filter((why) => !used.has(why)),
    ).toEqual([])
  })
})
