import { afterAll, describe, expect, it } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { openScriptThreads } from '../../src/curve/script-threads.ts'
import { coinOf, key, type OwnCoin, pay, spend } from './coins.ts'
import { freshNode, ripeCoins } from './fresh-node.ts'
import { makeBlock } from './make-block.ts'

const alice = key(1)
const bob = key(2)
const OUTPUTS = 100

const jobOf = (tx: Transaction, coins: readonly OwnCoin[]) => ({
  tx,
  spent: coins.map(({ value, owner }) => ({ value, script: owner.script })),
})

describe('script threads', () => {
  const threads = openScriptThreads(2)
  afterAll(() => threads.close())
  const coin = (n: number): OwnCoin => ({
    txid: n.toString(16).padStart(64, '0'),
    vout: 0,
    value: 10_000n,
    owner: alice,
  })

  it('answer for each transaction, in order, also when asked twice at once', async () => {
    const jobs = Array.from({ length: 300 }, (_, i) => {
      const good = pay(coin(i), bob)
      const bad = i % 7 === 3
      return jobOf(good, [{ ...coin(i), value: bad ? 9_999n : 10_000n }])
    })
    const expected = jobs.map((_, i) => (i % 7 === 3 ? 'EVAL_FALSE' : undefined))
    expect(await Promise.all([threads.check(jobs), threads.check(jobs.slice(0, 5))])).toEqual([
      expected,
      expected.slice(0, 5),
    ])
  })

  it('that are closed have found out nothing', async () => {
    const own = openScriptThreads(2)
    const answer = own.check(Array.from({ length: 500 }, (_, i) => jobOf(pay(coin(i), bob), [coin(i)])))
    const refused = expect(answer).rejects.toThrow()
    await new Promise((resolve) => setImmediate(resolve))
    await own.close()
    await refused
  })
})

/** One coin made many, in a block; and what spends each of them. */
const manySpends = async () => {
  const { node } = await freshNode()
  const [coin] = await ripeCoins(node, alice, 1)
  const value = (coin!.value - 100_000n) / BigInt(OUTPUTS)
  const split = spend({ from: [coin!], to: Array.from({ length: OUTPUTS }, () => ({ value, script: alice.script })) })
  await node.broadcast(split)
  await node.mine(1, alice.script)
  const spends = Array.from({ length: OUTPUTS }, (_, i) => pay(coinOf(split, i, alice), bob))
  return { node, spends }
}

describe('a block of transactions that the mempool has not seen', () => {
  it('is taken with all its transactions, also those that spend each other', async () => {
    const { node, spends } = await manySpends()
    const child = pay(coinOf(spends[0]!, 0, bob), alice)
    const transactions = [...spends, child]
    const block = makeBlock(node, await node.tip(), alice, { transactions, fees: 1000n * BigInt(transactions.length) })
    expect(await node.submitBlock(block)).toHaveProperty('connected.length', 1)
    expect((await node.transaction(transactionId(child)))?.block?.hash).toBeDefined()
  })

  it('with one wrong signature is refused, and why is said', async () => {
    const { node, spends } = await manySpends()
    const [first, ...rest] = spends as [Transaction, ...Transaction[]]
    const [input] = first.inputs
    const [signature, publicKey] = input!.witness as [Uint8Array, Uint8Array]
    const wrong = {
      ...first,
      inputs: [{ ...input!, witness: [signature.map((b, i) => (i === 20 ? b ^ 1 : b)), publicKey] }],
    }
    const block = makeBlock(node, await node.tip(), alice, { transactions: [wrong, ...rest] })
    expect(await node.submitBlock(block)).toEqual({
      reject:
        'block-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)',
    })
  })
})
