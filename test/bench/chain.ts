import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkScripts } from '../../domain/chain/connect.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { genesisBlock } from '../../domain/chain/genesis.ts'
import { midstateOf, scanNonces } from '../../domain/chain/midstate.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { CONSENSUS_RULES } from '../../domain/chain/script-rules.ts'
import type { Transaction, TxOutput } from '../../domain/chain/transaction.ts'
import { openSimdScan, type ScanNonces } from '../../src/chain/mining/simd-scan.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { nativeCurve } from '../../src/curve/native.ts'
import { nobleCurve } from '../../src/curve/noble.ts'
import { openScriptThreads } from '../../src/curve/script-threads.ts'
import { wasmCurve } from '../../src/curve/wasm.ts'
import { coinOf, key, type OwnCoin, pay, spend } from '../chain/coins.ts'
import { makeBlock } from '../chain/make-block.ts'

// What the chain's parts do in a second of one core, and what a second core adds: node test/bench/chain.ts [curves|threads|mining|connect …]

const BLOCK_TRANSACTIONS = 2_000
const BLOCKS = 5
const ROUNDS = 3

const middle = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
const row = (what: string, ...numbers: number[]): void =>
  console.log(`| ${what} | ${numbers.map((n) => Math.round(n).toLocaleString('en')).join(' | ')} |`)

/** Per second of this process's processor time. */
const perCpuSecond = async (count: number, run: () => unknown): Promise<number> => {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    rates.push(count / ((user + system) / 1e6))
  }
  return middle(rates)
}

const alice = key(1)
const bob = key(2)

const curves = async (curve: Curve, count: number): Promise<void> => {
  const coin: OwnCoin = { txid: '11'.repeat(32), vout: 0, value: 10_000n, owner: alice }
  const spent: TxOutput[] = [{ value: 10_000n, script: alice.script }]
  const txs = Array.from({ length: count }, (_, i) => pay({ ...coin, vout: i }, bob))
  const spends = await perCpuSecond(count, () => {
    for (const tx of txs) if (checkScripts(tx, spent, curve, CONSENSUS_RULES) !== undefined) throw new Error('refused')
  })
  const message = new Uint8Array(32).fill(7)
  const signature = curve.signSchnorr(message, alice.secret, new Uint8Array(32))
  const xOnly = alice.publicKey.subarray(1)
  const schnorr = await perCpuSecond(count, () => {
    for (let i = 0; i < count; i++) if (!curve.verifySchnorr(signature, message, xOnly)) throw new Error('refused')
  })
  row(curve.engine, spends, schnorr)
}

/** What a thread does before it is measured: until then V8 compiles its code, in threads of its own that take a tenth of both cores. */
const WARM_ROUNDS = 10

/** Wall time: it is the second core that is asked. In turns, so that what else runs on the machine meets both alike. */
const scaling = async (): Promise<void> => {
  const count = 10_000
  const coin: OwnCoin = { txid: '11'.repeat(32), vout: 0, value: 10_000n, owner: alice }
  const spent = [{ value: 10_000n, script: alice.script }]
  const jobs = Array.from({ length: count }, (_, i) => ({ tx: pay({ ...coin, vout: i }, bob), spent }))
  const pools = [1, 2].map((threads) => ({ threads, pool: openScriptThreads(threads), rates: [0], perCpu: [0] }))
  for (const { pool } of pools) for (let round = 0; round < WARM_ROUNDS; round++) await pool.check(jobs)
  for (let round = 0; round < WARM_ROUNDS; round++)
    for (const { pool, rates, perCpu } of pools) {
      const [before, cpuBefore] = [performance.now(), process.cpuUsage()]
      await pool.check(jobs)
      const { user, system } = process.cpuUsage(cpuBefore)
      rates[round] = count / ((performance.now() - before) / 1000)
      perCpu[round] = count / ((user + system) / 1e6)
    }
  for (const { threads, pool, rates, perCpu } of pools) {
    row(`${threads} thread(s)`, middle(rates), middle(perCpu))
    await pool.close()
  }
}

const mining = async (name: string, scan: ScanNonces): Promise<void> => {
  const midstate = midstateOf(genesisBlock(networkNamed('xencoin')).header)
  row(name, await perCpuSecond(2_000_000, () => scan(midstate, 0, 0, 2_000_000)))
}

const refused = (submitted: object): boolean => 'reject' in submitted

/** Blocks of 2,000 payments of one coin each, on disk with undo data. */
const connecting = async (known: boolean): Promise<number> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'zennet-bench-'))
  const network = networkNamed('xencoin-dev')
  const node = await openXencoind({
    dataDir,
    network,
    curve: nativeCurve,
    clock: systemClock,
    threads: openScriptThreads(),
  })
  try {
    await node.mine(1 + network.coinbaseMaturity, alice.script)
    const first = coinOf((await node.blockAt(1))!.block.transactions[0]!, 0, alice)
    const value = (first.value - 1_000_000n) / BigInt(BLOCK_TRANSACTIONS)
    const split = spend({
      from: [first],
      to: Array.from({ length: BLOCK_TRANSACTIONS }, () => ({ value, script: alice.script })),
    })
    const add = async (transactions: readonly Transaction[], fees: bigint): Promise<void> => {
      if (refused(await node.submitBlock(makeBlock(node, await node.tip(), alice, { transactions, fees }))))
        throw new Error('refused')
    }
    await add([split], 0n)
    let coins = Array.from({ length: BLOCK_TRANSACTIONS }, (_, i) => coinOf(split, i, alice))
    const rates: number[] = []
    for (let i = 0; i < BLOCKS; i++) {
      const transactions = coins.map((coin) => pay(coin, alice))
      coins = transactions.map((tx) => coinOf(tx, 0, alice))
      if (known) for (const tx of transactions) await node.broadcast(tx)
      const block = makeBlock(node, await node.tip(), alice, { transactions, fees: 1000n * BigInt(BLOCK_TRANSACTIONS) })
      const before = process.cpuUsage()
      if (refused(await node.submitBlock(block))) throw new Error('refused')
      const { user, system } = process.cpuUsage(before)
      rates.push(BLOCK_TRANSACTIONS / ((user + system) / 1e6))
    }
    return middle(rates)
  } finally {
    await node.close()
    rmSync(dataDir, { recursive: true })
  }
}

const parts: Record<string, () => Promise<void>> = {
  curves: async () => {
    console.log('\n| checks per CPU second | P2WPKH | Schnorr |\n|---|---|---|')
    await curves(nativeCurve, 10_000)
    await curves(wasmCurve, 3_000)
    await curves(nobleCurve, 300)
  },
  threads: async () => {
    console.log('\n| P2WPKH checks in threads | per second | per CPU second |\n|---|---|---|')
    await scaling()
  },
  mining: async () => {
    console.log('\n| header hashes | per CPU second |\n|---|---|')
    await mining('JavaScript', scanNonces)
    const simd = openSimdScan()
    if (simd !== undefined) await mining('WebAssembly, four at a time', simd)
  },
  connect: async () => {
    console.log('\n| transactions connected, in blocks of 2,000 | per CPU second |\n|---|---|')
    row('scripts known from the mempool', await connecting(true))
    row('scripts not seen before, on all cores', await connecting(false))
  },
}

console.log(`${cpus()[0]?.model}, Node ${process.version}`)
const wanted = process.argv.slice(2)
for (const [part, run] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(part)) await run()
