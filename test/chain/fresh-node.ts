import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Network, networkNamed } from '../../domain/chain/network.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { openXencoind, type Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { openScriptThreads } from '../../src/curve/script-threads.ts'
import { coinOf, curve, type Key, type OwnCoin } from './coins.ts'

export const freshDir = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'zennet-chain-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** A node on an empty chain; closed and removed when the test ends. */
export const freshNode = async (name: Network['name'] = 'xencoin-dev') => {
  const dataDir = await freshDir()
  const node = await openXencoind({
    dataDir,
    network: networkNamed(name),
    curve,
    clock: systemClock,
    threads: openScriptThreads(),
  })
  onTestFinished(() => node.close())
  return { node, dataDir }
}

/** Mines `count` coins for `owner` and enough on top that the first `count` are ripe. */
export const ripeCoins = async (node: Xencoind, owner: Key, count: number): Promise<OwnCoin[]> => {
  const first = (await node.tip()).height + 1
  await node.mine(count + node.network.coinbaseMaturity, owner.script)
  return Promise.all(Array.from({ length: count }, async (_, i) => coinOf(await coinbaseAt(node, first + i), 0, owner)))
}

export const coinbaseAt = async (node: Xencoind, height: number): Promise<Transaction> =>
  (await node.blockAt(height))!.block.transactions[0]!
