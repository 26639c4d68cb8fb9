import { expect, it } from 'vitest'
import { transactionId } from '../../domain/chain/codec.ts'
import { subsidyAt } from '../../domain/chain/subsidy.ts'
import { selectForBlock } from '../../src/chain/xencoind/select.ts'
import { key, pay } from './coins.ts'
import { coinbaseAt, freshNode, ripeCoins } from './fresh-node.ts'

const alice = key(1)
const bob = key(2)

it('counts a transaction as paying what the operator adds: it comes in without a fee, and first into a block', async () => {
  const { node } = await freshNode()
  const { pool } = node.inside
  const coins = await ripeCoins(node, alice, 2)
  const dear = pay(coins[0]!, bob, 5000n)
  const free = pay(coins[1]!, bob, 0n)
  await node.broadcast(dear)
  await expect(node.broadcast(free)).rejects.toMatchObject({ reason: 'min relay fee not met' })
  pool.prioritise(transactionId(free), 9000n)
  await node.broadcast(free)
  // A signature is 70 to 72 bytes long: either fits alone, and never both.
  const roomForOne = Math.max(...pool.all().map(({ weight }) => weight))
  const chosen = () => selectForBlock(pool, roomForOne).map(({ txid }) => txid)
  expect(chosen()).toEqual([transactionId(free)])
  pool.prioritise(transactionId(free), -9000n)
  expect(chosen()).toEqual([transactionId(dear)])

  // The block pays its maker what was paid, and nothing of what was added.
  await node.mine(1, alice.script)
  const { height } = await node.tip()
  expect((await coinbaseAt(node, height)).outputs[0]!.value).toBe(subsidyAt(node.network, height) + 5000n)
})
