import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { networkNamed } from '../../domain/chain/network.ts'
import { openRpcEngine } from '../../src/chain/rpc-engine.ts'
import { systemClock } from '../../src/clock/system.ts'
import { openSqliteJournal } from '../../src/journal/sqlite.ts'
import { noisePeers } from '../../src/peer/noise.ts'
import { type Chain, startChain } from '../e2e/chain.ts'
import { RigProvider, RigPublisher } from '../lease/rig.ts'

// One provider whose leases tick each second: the CPU of its process, with its own log on disk, over TCP, with real channels. Its
// machines are counters. The publisher is a process of its own, and so is the chain.
//   node test/bench/crowd.ts [leases] [seconds]

const LEASES = Number(process.argv[2] ?? 1_000)
const SECONDS = Number(process.argv[3] ?? 30)
const TICK_MS = 1_000
const COINS = 100
const MIB = 2 ** 20
const SMALL = { cpuMillis: 100, memoryBytes: 16 * MIB, diskBytes: 16 * MIB, pids: 10 }
const TOTAL = {
  cpuMillis: 100 * LEASES,
  memoryBytes: 16 * MIB * LEASES,
  diskBytes: 16 * MIB * LEASES,
  pids: 10 * LEASES,
}

type Side = 'publisher' | 'provider'
type Begin = { readonly url: string; readonly cookie: string; readonly path: string }
type Asked = { readonly ask: 'address' | 'rent' | 'count' }
type Told = {
  readonly told: { readonly address?: string; readonly leases: number; readonly ticks: number; readonly cpuUs: number }
}

const network = networkNamed('xencoin-dev')

/** One side, in a process of its own: does what it is asked, and says how far it is. */
const play = async (side: Side, { url, cookie, path }: Begin): Promise<void> => {
  const engine = await openRpcEngine({ network, url, auth: { cookieFile: cookie }, clock: systemClock })
  const journal = await openSqliteJournal({ path })
  const make = side === 'publisher' ? RigPublisher : RigProvider
  const who = new make(side, network, engine, noisePeers(), journal)
  if (who instanceof RigProvider) who.options = { policy: { maxLeases: LEASES }, total: TOTAL }
  await who.start()
  let ticks = 0
  const paying = new Set<string>()
  void (async () => {
    for await (const it of journal.follow(0, { types: ['lease.paid'] }, new AbortController().signal)) {
      if (it.kind !== 'fact') continue
      ticks++
      paying.add(it.recorded.stream)
    }
  })()
  process.on('message', async ({ ask }: Asked) => {
    if (ask === 'rent' && who instanceof RigPublisher) {
      // Its coins are in a block that it may not have heard of yet.
      while ((await who.life.wallet.balance()).confirmed === 0n) await sleep(50)
      await who.rent({
        body: { count: LEASES, resources: SMALL },
        order: { tickMs: TICK_MS, capacitySats: 4_000_000n },
      })
    }
    const address = ask === 'address' ? await who.life.wallet.receiveAddress() : undefined
    const { user, system } = process.cpuUsage()
    process.send!({
      told: { leases: paying.size, ticks, cpuUs: user + system, ...(address && { address }) },
    } satisfies Told)
  })
  process.send!({ told: { leases: 0, ticks: 0, cpuUs: 0 } } satisfies Told)
}

const start = async (side: Side, begin: Begin): Promise<ChildProcess> => {
  const child = fork(fileURLToPath(import.meta.url), [`${LEASES}`, `${SECONDS}`, side], { execArgv: process.execArgv })
  child.send(begin)
  await once(child, 'message')
  return child
}

const asked = async (child: ChildProcess, ask: Asked['ask']): Promise<Told['told']> => {
  const answer = once(child, 'message')
  child.send({ ask } satisfies Asked)
  return ((await answer)[0] as Told).told
}

const measure = async (chain: Chain, home: string): Promise<void> => {
  const begin = (side: Side): Begin => ({ url: chain.url, cookie: chain.cookie, path: join(home, `${side}.sqlite`) })
  const publisher = await start('publisher', begin('publisher'))
  const provider = await start('provider', begin('provider'))
  try {
    // Coins enough that fundings do not wait for each other's blocks.
    await chain.mine(COINS, (await asked(publisher, 'address')).address)
    await chain.mine(network.coinbaseMaturity + 1)
    await asked(publisher, 'rent')
    for (let seen = await asked(provider, 'count'); seen.leases < LEASES; seen = await asked(provider, 'count')) {
      await chain.mineWaiting()
      await sleep(100)
    }
    const [before, from] = [await asked(provider, 'count'), performance.now()]
    await sleep(SECONDS * 1_000)
    const [after, seconds] = [await asked(provider, 'count'), (performance.now() - from) / 1_000]
    const [ticks, cpuUs] = [after.ticks - before.ticks, after.cpuUs - before.cpuUs]
    console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}\n`)
    console.log(
      '| leases | ticks paid a second | CPU of the provider, % of a core | CPU us a tick |\n|---|---|---|---|',
    )
    console.log(
      `| ${LEASES} | ${(ticks / seconds).toFixed(0)} | ${(cpuUs / seconds / 10_000).toFixed(0)} | ${(cpuUs / ticks).toFixed(0)} |`,
    )
  } finally {
    for (const child of [publisher, provider]) child.kill('SIGKILL')
  }
}

const side = process.argv[4] as Side | undefined
if (side) {
  const [begin] = (await once(process, 'message')) as [Begin]
  await play(side, begin)
} else {
  const home = await mkdtemp(join(tmpdir(), 'zennet-bench-'))
  const chain = await startChain(home)
  try {
    await measure(chain, home)
  } finally {
    await chain.daemon().stop()
    await rm(home, { recursive: true, force: true })
  }
}
