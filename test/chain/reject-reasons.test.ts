import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../domain/bytes.ts'
import { encodeBlock, encodeTransaction, transactionId } from '../../domain/chain/codec.ts'
import { compileScript } from '../../domain/chain/script.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { answerDifferences, differenceText } from './answer-differences.ts'
import { BAD_BLOCKS, type BlockMaking } from './bad-blocks.ts'
import { BAD_SCRIPTS, outputOfBad, spendBad } from './bad-scripts.ts'
import { BAD_TRANSACTIONS, type Making } from './bad-transactions.ts'
import { type Answer, type BothNodes, NOW_S, openBothNodes } from './both-nodes.ts'
import { coinOf, key, type OwnCoin, pay, spend } from './coins.ts'
import { inCoresWords } from './cores-words.ts'
import { coinbaseAt } from './fresh-node.ts'
import { knownAs } from './known-differences.ts'
import { makeBlock } from './make-block.ts'
import { MALFORMED } from './malformed.ts'

const alice = key(1)
const bob = key(2)

/** Their mempool in the order of ours, when it is the same. */
const sortedLike = async (both: BothNodes): Promise<Answer> => {
  const ids = async (ask: BothNodes['ours']) => ((await ask('getrawmempool')) as { result: string[] }).result
  const [ours, theirs] = [await ids(both.ours), await ids(both.theirs)]
  return { result: [...ours.filter((id) => theirs.includes(id)), ...theirs.filter((id) => !ours.includes(id))] }
}

const same = (method: string, ours: Answer, theirs: Answer): void => {
  const unknown = answerDifferences(ours, theirs).filter((difference) => knownAs(method, difference) === undefined)
  if (unknown.length > 0) expect.fail(unknown.map(differenceText).join('\n'))
}

describe.skipIf(skipWithoutBitcoind)(`refused as a real bitcoind refuses it ${whyNoBitcoind}`, () => {
  let both: BothNodes
  let making: Making & BlockMaking
  const parked = new Map<string, OwnCoin>()

  beforeAll(async () => {
    both = await openBothNodes()
    await both.mine(130, alice.script)
    const coin = async (height: number) => coinOf(await coinbaseAt(both.node, height), 0, alice)
    // Coins for each bad script, and one that anyone may take.
    const perScript = 1_000_000n
    const odd = { value: perScript, script: compileScript([1n]) }
    const park = spend({
      from: [await coin(1)],
      to: [...BAD_SCRIPTS.map((bad) => ({ value: perScript, script: outputOfBad(bad) })), odd],
    })
    const value = park.outputs.reduce((sum, output) => sum + output.value, 0n)
    const fees = (await coin(1)).value - value
    const block = makeBlock(both.node, await both.node.tip(), alice, { transactions: [park], fees })
    expect(await both.submit(block)).toEqual({ ours: { result: null }, theirs: { result: null } })
    for (const [vout, { what }] of BAD_SCRIPTS.entries()) parked.set(what, coinOf(park, vout, alice))
    const tip = both.node.inside.store.active.tip()!
    making = {
      coin: await coin(2),
      other: await coin(3),
      young: await coin(tip.height),
      spent: await coin(1),
      odd: coinOf(park, BAD_SCRIPTS.length, alice),
      height: tip.height,
      medianTime: both.node.inside.medianTime(tip),
      nowS: NOW_S,
    }
  })
  afterAll(() => both?.close())

  const sameRefusal = async (bytes: string) => {
    const asked = ['testmempoolaccept', [[bytes], 0]] as const
    const sent = ['sendrawtransaction', [bytes, 0, 21_000_000]] as const
    for (const [method, params] of [asked, sent]) {
      const theirs = inCoresWords(await both.theirs(method, params))
      same(method, await both.ours(method, params), theirs)
      const text = JSON.stringify(theirs)
      expect(text).toMatch(method === 'sendrawtransaction' ? /"error"/ : /"allowed":false|"error"/)
    }
  }
  let nextCoin = 10
  /** A coin of alice that nothing spends. */
  const fresh = async () => coinOf(await coinbaseAt(both.node, nextCoin++), 0, alice)
  const hex = (tx: Transaction) => toHex(encodeTransaction(tx))

  describe('a transaction with', () => {
    for (const { what, make } of BAD_TRANSACTIONS) it(what, () => sameRefusal(hex(make(making))))
  })

  describe('a script that', () => {
    for (const bad of BAD_SCRIPTS)
      it(bad.what, async () => {
        const coin = parked.get(bad.what)!
        const draft = pay(coin, bob, 5000n)
        await sameRefusal(hex(spendBad(bad, draft, coin.value)))
      })
  })

  describe('bytes that are no transaction:', () => {
    for (const { what, make } of MALFORMED) it(what, () => sameRefusal(make(hex(pay(making.coin, bob)))))
  })

  describe('a block with', () => {
    for (const { what, transactions, fees, change, after } of BAD_BLOCKS)
      it(what, async () => {
        const made = makeBlock(both.node, await both.node.tip(), alice, {
          ...(transactions && { transactions: transactions(making) }),
          ...(fees && { fees }),
          change: (block) => change?.(block, making) ?? block,
        })
        const params = [toHex(encodeBlock(after?.(made) ?? made))]
        const theirs = inCoresWords(await both.theirs('submitblock', params))
        const ours = await both.ours('submitblock', params)
        same('submitblock', ours, theirs)
        expect(ours).not.toEqual({ result: null })
        expect((await both.node.tip()).height).toBe(making.height)
      })
  })

  describe('bytes that are no block:', () => {
    for (const { what, make, goesOn } of MALFORMED) {
      // Core reads a block and does not look what comes after it; ours does.
      if (goesOn) continue
      it(what, async () => {
        const params = [make(toHex(encodeBlock(makeBlock(both.node, await both.node.tip(), alice))))]
        same('submitblock', await both.ours('submitblock', params), await both.theirs('submitblock', params))
      })
    }
  })

  describe('beside what waits,', () => {
    const refused = async (tx: Transaction, reason: string) => {
      await sameRefusal(hex(tx))
      expect(JSON.stringify(await both.ours('testmempoolaccept', [[hex(tx)], 0]))).toContain(reason)
    }
    const taken = async (tx: Transaction): Promise<Transaction> => {
      const said = { result: transactionId(tx) }
      expect(await both.send(tx)).toEqual({ ours: said, theirs: said })
      expect(await both.ours('getrawmempool')).toEqual(await sortedLike(both))
      return tx
    }
    const to = (value: bigint) => ({ value, script: bob.script })

    it('the same again, and the same with another witness', async () => {
      const tx = await taken(pay(await fresh(), bob))
      const asked = async (ask: BothNodes['ours']) => inCoresWords(await ask('testmempoolaccept', [[hex(tx)]]))
      same('testmempoolaccept', await asked(both.ours), await asked(both.theirs))
      const other = { ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness: [Uint8Array.of(1)] })) }
      // To send it again in any form is no failure.
      expect(await both.send(other)).toEqual({
        ours: { result: transactionId(tx) },
        theirs: { result: transactionId(tx) },
      })
    })

    it('a replacement that pays no more, or not enough more', async () => {
      const coin = await fresh()
      await taken(pay(coin, bob, 2000n))
      await refused(pay(coin, alice, 1999n), 'insufficient fee')
      await refused(pay(coin, alice, 2000n), 'insufficient fee')
      await refused(pay(coin, alice, 2001n), 'not enough additional fees')
      await taken(pay(coin, alice, 2200n))
    })

    it('a replacement of a family that pays less than all of it', async () => {
      const coin = await fresh()
      const parent = await taken(pay(coin, bob, 500n))
      const child = await taken(pay(coinOf(parent, 0, bob), alice, 50_000n))
      await refused(pay(coin, alice, 10_000n), 'less fees than conflicting txs')
      await taken(pay(coin, alice, 60_000n))
      await refused(pay(coinOf(child, 0, alice), bob), 'missing-inputs')
    })

    it('a replacement, also of what does not ask for it', async () => {
      const coin = await fresh()
      await taken(spend({ from: [coin], to: [to(coin.value - 1000n)], sequence: 0xffffffff }))
      await taken(pay(coin, alice, 5000n))
    })

    it('a replacement that waits for something else', async () => {
      const [coin, other] = [await fresh(), await fresh()]
      const waiting = await taken(pay(other, bob))
      await taken(pay(coin, bob))
      const value = coin.value + other.value - 100_000n
      await refused(spend({ from: [coin, coinOf(waiting, 0, bob)], to: [to(value)] }), 'replacement-adds-unconfirmed')
    })

    it('a spend of what it would replace', async () => {
      const coin = await fresh()
      const first = await taken(pay(coin, bob))
      const both = spend({ from: [coin, coinOf(first, 0, bob)], to: [to(coin.value)] })
      await refused(both, 'bad-txns-spends-conflicting-tx')
    })

    it('too many in a row, and one more beside', async () => {
      let coin = await fresh()
      const coins: OwnCoin[] = []
      for (let i = 0; i < 25; i++) {
        const tx = await taken(
          spend({ from: [coin], to: [{ value: coin.value - 20_000n, script: alice.script }, to(10_000n)] }),
        )
        coin = coinOf(tx, 0, alice)
        coins.push(coinOf(tx, 1, bob))
      }
      await refused(pay(coin, bob), 'too-long-mempool-chain')
      // The first has 24 descendants: one child more may come to it, and no second.
      const extra = await taken(pay(coins[0]!, alice, 500n))
      await refused(pay(coinOf(extra, 0, alice), bob, 500n), 'too-long-mempool-chain')
    })

    it('families of version 3 that are too big, and of mixed versions', async () => {
      const parent = await taken(spend({ from: [await fresh()], to: [to(1_000_000n), to(1_000_000n)], version: 3 }))
      await refused(pay(coinOf(parent, 0, bob), alice), 'TRUC-violation')
      const child = { ...pay(coinOf(parent, 0, bob), alice), version: 3 }
      const signed = spend({ from: [coinOf(parent, 0, bob)], to: child.outputs, version: 3 })
      await taken(signed)
      await refused(spend({ from: [coinOf(signed, 0, alice)], to: [to(990_000n)], version: 3 }), 'TRUC-violation')
      const sibling = spend({ from: [coinOf(parent, 1, bob)], to: [to(999_000n)], version: 3 })
      await refused(sibling, 'insufficient fee')
      await taken(spend({ from: [coinOf(parent, 1, bob)], to: [to(990_000n)], version: 3 }))
    })
  })

  it('takes the good ones all the same', async () => {
    const tx = pay(making.coin, bob)
    const said = { result: transactionId(tx) }
    expect(await both.send(tx)).toEqual({ ours: said, theirs: said })
  })
})
