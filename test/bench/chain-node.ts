import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { toHex } from '../../domain/bytes.ts'
import type { Block } from '../../domain/chain/block.ts'
import { encodeBlock, encodeTransaction } from '../../domain/chain/codec.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import type { Transaction } from '../../domain/chain/transaction.ts'
import { rpcClient } from '../../src/chain/rpc/client.ts'
import { openXencoind, type Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { startBitcoind } from '../bitcoind/bitcoind.ts'
import { coinOf, curve, key, type OwnCoin, pay, spend } from '../chain/coins.ts'
import { makeBlock } from '../chain/make-block.ts'

// The embedded node beside a real bitcoind: mempool, blocks. CPU seconds of each process, so that what else runs
// on the machine matters little. A folder may be named.

const BLOCKS = 8
const BLOCK_TRANSACTIONS = 2000
const FAN_OUTPUTS = 2000
const CALLS_IN_A_BATCH = 50
/** Of `/proc/<pid>/stat`. */
const TICKS_A_SECOND = 100

const regtest = networkNamed('regtest')
const alice = key(1)
const bob = key(2)
const home = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'zennet-bench-'))

const ownCpuS = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
const cpuOf = (pid: number) => () => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}
const rssMbOf = (pid: number) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024)

const rows: Record<string, Record<string, string | number>> = {}
const measured = async (what: string, count: number, cpuS: () => number, run: () => Promise<void>) => {
  const before = cpuS()
  const began = performance.now()
  await run()
  const cpu = cpuS() - before
  const wall = (performance.now() - began) / 1000
  rows[what] = { 'a CPU second': Math.round(count / cpu), 'a second': Math.round(count / wall) }
}

const coinsOf = (tx: Transaction): OwnCoin[] => tx.outputs.map((_, vout) => coinOf(tx, vout, alice))

/** Coins for all payments, confirmed; the blocks that made them come back. */
const fanOut = async (node: Xencoind, fans: number): Promise<{ coins: OwnCoin[]; blocks: Block[] }> => {
  const hashes = await node.mine(fans + regtest.coinbaseMaturity, alice.script)
  const coins: OwnCoin[] = []
  for (let i = 0; i < fans; i++) {
    const coin = coinOf((await node.blockAt(i + 1))!.block.transactions[0]!, 0, alice)
    const value = (coin.value - 100_000_000n) / BigInt(FAN_OUTPUTS)
    const tx = spend({ from: [coin], to: Array.from({ length: FAN_OUTPUTS }, () => ({ value, script: alice.script })) })
    await node.broadcast(tx)
    coins.push(...coinsOf(tx))
    hashes.push(...(await node.mine(1, alice.script)))
  }
  const blocks = await Promise.all(hashes.map(async (hash) => (await node.block(hash))!.block))
  return { coins, blocks }
}

const payments = (coins: readonly OwnCoin[]): Transaction[] => coins.map((coin) => pay(coin, bob, 1000n))

/** Blocks of payments that no mempool has seen, one on another. */
const paymentBlocks = async (node: Xencoind, all: readonly Transaction[]): Promise<Block[]> => {
  const blocks: Block[] = []
  for (let i = 0; i < all.length; i += BLOCK_TRANSACTIONS) {
    const transactions = all.slice(i, i + BLOCK_TRANSACTIONS)
    const block = makeBlock(node, await node.tip(), alice, { transactions })
    blocks.push(block)
    const submitted = await node.submitBlock(block)
    if ('reject' in submitted) throw new Error(submitted.reject)
  }
  return blocks
}

const open = (name: string) => openXencoind({ dataDir: join(home, name), network: regtest, curve, clock: systemClock })
const submitAll = async (node: Xencoind, blocks: readonly Block[]) => {
  for (const block of blocks) {
    const submitted = await node.submitBlock(block)
    if ('reject' in submitted) throw new Error(submitted.reject)
  }
}

const count = BLOCKS * BLOCK_TRANSACTIONS
const maker = await open('maker')
const { coins, blocks: fanBlocks } = await fanOut(maker, (2 * count) / FAN_OUTPUTS)
const confirmed = payments(coins.slice(0, count))
const waiting = payments(coins.slice(count))
const blocks = await paymentBlocks(maker, confirmed)
await maker.close()

const ours = await open('ours')
await submitAll(ours, fanBlocks)
await measured(`ours: connect blocks of ${BLOCK_TRANSACTIONS}, unseen`, count, ownCpuS, () => submitAll(ours, blocks))
await measured('ours: mempool, in process', waiting.length, ownCpuS, async () => {
  await Promise.all(waiting.map((tx) => ours.broadcast(tx)))
})
await measured('ours: blocks made of the mempool', waiting.length, ownCpuS, async () => {
  while ((await ours.mempool()).length > 0) await ours.mine(1, alice.script)
})
await ours.close()

const bitcoind = await startBitcoind(home, undefined, { settings: ['-par=1', '-maxmempool=300'] })
const call = rpcClient({ url: bitcoind.url, auth: { cookieFile: bitcoind.cookie }, clock: systemClock })
const theirCpuS = cpuOf(bitcoind.daemon.pid)
const give = async (some: readonly Block[]) => {
  for (const block of some) {
    const answer = await call(z.unknown(), 'submitblock', [toHex(encodeBlock(block))])
    if (answer !== null) throw new Error(`bitcoind: ${String(answer)}`)
  }
}
await give(fanBlocks)
await measured(`bitcoind: connect blocks of ${BLOCK_TRANSACTIONS}, unseen`, count, theirCpuS, () => give(blocks))
const raw = waiting.map((tx) => toHex(encodeTransaction(tx)))
await measured('bitcoind: mempool, over JSON-RPC', waiting.length, theirCpuS, async () => {
  for (let i = 0; i < raw.length; i += CALLS_IN_A_BATCH)
    await Promise.all(raw.slice(i, i + CALLS_IN_A_BATCH).map((hex) => call(z.string(), 'sendrawtransaction', [hex, 0])))
})
rows['bitcoind: memory after that'] = { MB: rssMbOf(bitcoind.daemon.pid) }
await bitcoind.daemon.stop()

console.table(rows)

rmSync(home, { recursive: true })
