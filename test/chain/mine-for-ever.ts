import { headerHash } from '../../domain/chain/codec.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { findFunding, fundingOutput } from '../../domain/channel/script.ts'
import { closeTransaction } from '../../domain/channel/transaction.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { paying, sidesOf } from '../channel/sides.ts'
import { coinOf, curve, key, type OwnCoin, pay, spend } from './coins.ts'
import { makeBlock } from './make-block.ts'

// A node that pays, opens and closes channels, mines and reorganises until it is killed. Each line says what it begins, or is
// something that it acknowledged.
const network = networkNamed('xencoin-dev')
const node = await openXencoind({ dataDir: process.argv[2]!, network, curve, clock: systemClock })
const alice = key(1)
const bob = key(2)
const REORG_BLOCKS = 4
const say = (line: string) => process.stdout.write(`${line}\n`)

const send = async (tx: Transaction) => say(`transaction ${await node.broadcast(tx)}`)

let nextHeight = 1
/** A coin of alice that is old enough to be ripe still after a reorganisation, and that nothing spends. */
const freshCoin = async (): Promise<OwnCoin> => {
  for (;;) {
    const { height } = await node.tip()
    if (nextHeight + network.coinbaseMaturity + 2 * REORG_BLOCKS > height) await mine(4 * REORG_BLOCKS)
    const coinbase = (await node.blockAt(nextHeight++))!.block.transactions[0]!
    const coin = coinOf(coinbase, 0, alice)
    if ((await node.output(coin)) !== undefined && coinbase.outputs[0]!.script.join() === alice.script.join())
      return coin
  }
}
const mine = async (count: number) => {
  for (const hash of await node.mine(count, alice.script)) say(`block ${hash}`)
}

const doings = {
  send: async () => {
    const tx = pay(await freshCoin(), bob)
    await send(tx)
    await send(pay(coinOf(tx, 0, bob), bob))
  },
  connect: () => mine(2),
  close: async () => {
    const coin = await freshCoin()
    const side = sidesOf(1, (await node.tip()).height + 1000)
    const output = fundingOutput(side.params)
    const rest = { value: coin.value - output.value - 2000n, script: alice.script }
    const funding = spend({ from: [coin], to: [rest, output] })
    await send(funding)
    const channel = paying({ ...side, funding: findFunding(funding, side.params)! }, 40_000n)
    await send(closeTransaction({ channels: [channel], feeRateSatsPerVb: 2, payoutScript: bob.script, curve }))
  },
  /** Another miner's branch, heavier by a block, takes the place of the last ones. */
  reorganise: async () => {
    let parent = await node.tip()
    parent = { height: parent.height - REORG_BLOCKS, hash: (await node.blockAt(parent.height - REORG_BLOCKS))!.hash }
    for (let made = 0; made <= REORG_BLOCKS; made++) {
      const block = makeBlock(node, parent, alice)
      const submitted = await node.submitBlock(block)
      if ('reject' in submitted) throw new Error(submitted.reject)
      parent = { height: parent.height + 1, hash: headerHash(block.header) }
      say(`block ${parent.hash}`)
    }
  },
}

await freshCoin()
for (;;)
  for (const [name, run] of Object.entries(doings)) {
    say(`begin ${name}`)
    await run()
  }
