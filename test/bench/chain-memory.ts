import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { toHex } from '../../domain/bytes.ts'
import { encodeTransaction } from '../../domain/chain/codec.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { type RpcClient, rpcClient } from '../../src/chain/rpc/client.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { coinOf, curve, key, type OwnCoin, pay, spend } from '../chain/coins.ts'
import { type Daemon, startDaemon } from '../e2e/daemon.ts'

// xencoind, the program, with a long chain and then a mempool that is full: memory, and how long it takes to be there.
//   node test/bench/chain-memory.ts [folder]        (CHAIN_BLOCKS: other than 100,000)

const CHAIN_BLOCKS = Number(process.env['CHAIN_BLOCKS'] ?? 100_000)
const CALLS_AT_A_TIME = 50
const FANS = 50
const FAN_OUTPUTS = 2_000
/** Above its limit it would be emptied by a 64th. */
const FULL = 0.998

/** As people start it: with its flags. */
const XENCOIND = fileURLToPath(new URL('../../ops/bin/xencoind.mjs', import.meta.url))

const regtest = networkNamed('regtest')
const alice = key(1)
const home = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'zennet-bench-'))
const dataDir = join(home, 'chain')

/** Blocks of a clock that goes ten seconds a block. @returns coins of alice, all in blocks */
const makeChain = async (): Promise<OwnCoin[]> => {
  let made = 0
  const slowClock = { ...systemClock, now: () => Date.now() - (CHAIN_BLOCKS - made) * 10_000 }
  const node = await openXencoind({ dataDir, network: regtest, curve, clock: slowClock })
  for (; made < CHAIN_BLOCKS; made++) await node.mine(1, alice.script)
  const coins: OwnCoin[] = []
  for (let height = 1; height <= FANS; height++) {
    const coin = coinOf((await node.blockAt(height))!.block.transactions[0]!, 0, alice)
    const value = (coin.value - 100_000_000n) / BigInt(FAN_OUTPUTS)
    const tx = spend({ from: [coin], to: Array.from({ length: FAN_OUTPUTS }, () => ({ value, script: alice.script })) })
    await node.broadcast(tx)
    await node.mine(1, alice.script)
    coins.push(...tx.outputs.map((_, vout) => coinOf(tx, vout, alice)))
  }
  await node.close()
  return coins
}

const rows: string[] = []
const mbOf = (pid: number, field: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
const note = (what: string, daemon: Daemon, ms?: number): void => {
  // What is started starts the program.
  const pid = Number(readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8'))
  const [now, most] = [Math.round(mbOf(pid, 'VmRSS')), Math.round(mbOf(pid, 'VmHWM'))]
  rows.push(`| ${what} | ${now} | ${most} | ${ms === undefined ? '' : Math.round(ms)} |`)
}

const start = async (): Promise<{ daemon: Daemon; call: RpcClient; ms: number }> => {
  const began = performance.now()
  const args = ['--data-dir', dataDir, '--network', 'regtest', '--rpc-port', '0']
  const daemon = startDaemon({ command: XENCOIND, home, args })
  const [, url] = await daemon.line(/JSON-RPC at (\S+),/)
  await daemon.line(/^tip /)
  const auth = { cookieFile: join(dataDir, '.cookie') }
  return { daemon, call: rpcClient({ url: url!, auth, clock: systemClock }), ms: performance.now() - began }
}

const poolInfo = z.looseObject({ size: z.number(), usage: z.number(), maxmempool: z.number() })

/** Payments of one coin each, until nothing more fits. @returns how many are in it */
const fill = async (call: RpcClient, coins: readonly OwnCoin[]): Promise<number> => {
  for (let at = 0; at < coins.length; at += CALLS_AT_A_TIME) {
    const txs = coins.slice(at, at + CALLS_AT_A_TIME).map((coin) => toHex(encodeTransaction(pay(coin, alice))))
    await Promise.all(txs.map((hex) => call(z.string(), 'sendrawtransaction', [hex, 0])))
    const { size, usage, maxmempool } = await call(poolInfo, 'getmempoolinfo')
    if (usage > FULL * maxmempool) return size
  }
  throw new Error('not enough coins')
}

try {
  const coins = await makeChain()
  const first = await start()
  note(`${CHAIN_BLOCKS.toLocaleString('en')} blocks, program started`, first.daemon, first.ms)
  const size = await fill(first.call, coins)
  note(`and ${size.toLocaleString('en')} payments in a full mempool`, first.daemon)
  await first.daemon.stop()
  const second = await start()
  note('started again with all of it', second.daemon, second.ms)
  await second.daemon.stop()
  console.log(`${cpus()[0]?.model}, Node ${process.version}\n`)
  console.log(`| xencoind | resident MB | at most | ms until it answers |\n|---|---|---|---|\n${rows.join('\n')}`)
} finally {
  await rm(home, { recursive: true })
}
