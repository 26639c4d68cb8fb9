import { networkNamed } from '../../domain/chain/network.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { coinOf, curve, key, pay } from './coins.ts'

// A node that pays, mines and reorganises until it is killed. Each line is something that it acknowledged.
const network = networkNamed('xencoin-dev')
const node = await openXencoind({ dataDir: process.argv[2]!, network, curve, clock: systemClock })
const alice = key(1)
const bob = key(2)
const REORG_BLOCKS = 4
const say = (line: string) => process.stdout.write(`${line}\n`)

say('open')
for (let round = 1; ; round++) {
  const tip = await node.tip()
  // Old enough to be ripe still after the reorganisation below.
  const ripe = tip.height - network.coinbaseMaturity - REORG_BLOCKS
  for (let height = Math.max(1, ripe - 1); height <= ripe; height++) {
    const { block } = (await node.blockAt(height))!
    const coin = coinOf(block.transactions[0]!, 0, alice)
    if ((await node.output(coin)) === undefined) continue
    const tx = pay(coin, bob)
    say(`transaction ${await node.broadcast(tx)}`)
    say(`transaction ${await node.broadcast(pay(coinOf(tx, 0, bob), bob))}`)
  }
  for (const hash of await node.mine(2, alice.script)) say(`block ${hash}`)
  if (round % 5 === 0 && ripe > 0) {
    await node.invalidateBlock((await node.blockAt(tip.height + 3 - REORG_BLOCKS))!.hash)
    say('reorganised')
  }
}
