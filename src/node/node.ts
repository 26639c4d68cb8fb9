import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { toHex } from '../../domain/bytes.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { TABLES } from '../../projections/tables.ts'
import { createMetrics } from '../api/metrics.ts'
import type { Market, NodeStatus } from '../api/port.ts'
import { openApi } from '../api/server.ts'
import { readToken } from '../api/token.ts'
import { systemClock } from '../clock/system.ts'
import type { Config } from '../config.ts'
import { chooseCurve } from '../curve/choose.ts'
import { lockDataDir } from '../data-lock.ts'
import type { Journal } from '../journal/port.ts'
import { openStreams } from '../journal/streams.ts'
import type { Party } from '../lease/party.ts'
import { ChainWatch } from '../market/chain-watch.ts'
import { openMarket } from '../market/market.ts'
import { noisePeers } from '../peer/noise.ts'
import { openProjector } from '../projector/projector.ts'
import { systemRandom } from '../random/system.ts'
import type { Keys } from '../wallet/keys.ts'
import { createKeystore, openKeystore } from '../wallet/keystore.ts'
import type { Wallet } from '../wallet/port.ts'
import { openWallet } from '../wallet/wallet.ts'
import { API_ADDRESS_FILE } from './address-file.ts'
import { type NodeChain, openChain } from './chain.ts'
import { openJournal } from './journal.ts'
import { type NodeProvider, openProvider } from './provider.ts'
import { type NodePublisher, openPublisher } from './publisher.ts'
import { VERSION } from './version.ts'

/** A running node: what was configured, put together. */
export type Node = {
  readonly config: Config
  readonly market: Market
  readonly journal: Journal
  readonly wallet: Wallet
  readonly chain: NodeChain
  readonly status: NodeStatus
  /** Present with the role `api`. */
  readonly api?: { readonly url: string; readonly tokenFile: string }
  /** What a person should know about how this node runs. */
  readonly notes: readonly string[]
  /** Words of a wallet made by this start: shown once, to be written down. */
  readonly newWords?: string
  /** Ends every lease that this provider serves, machines and all; waits at most `withinMs`. */
  endLeases(withinMs: number): Promise<void>
  /** Stops everything in order. Leases and their machines stay: the next start goes on with them. */
  close(): Promise<void>
}

/** Opens one part after the other; when one cannot be opened, those before it are closed again. @throws Fault of that part */
export const openNode = async (config: Config, log: Logger): Promise<Node> => {
  const closers: (() => unknown)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse())
      await Promise.resolve(close()).catch((err: unknown) => log.error({ err }, 'a part did not close'))
  }
  try {
    return await assemble(config, log, closers, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

const assemble = async (
  config: Config,
  log: Logger,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Node> => {
  closers.push(lockDataDir(config.dataDir))
  const network = networkNamed(config.network)
  const curve = chooseCurve()
  const clock = systemClock
  const random = systemRandom
  const { keys, newWords } = await unlock(config, network)
  const journal = await openJournal(config)
  closers.push(() => journal.close())
  const streams = openStreams(journal)
  const chain = await openChain(config, network, curve, clock)
  closers.push(() => chain.close())
  const wallet = openWallet({ keys, journal, engine: chain.engine, clock, curve })
  const onStopped = (err: unknown) => log.error({ err }, 'a projection stopped; its rows are behind')
  const projector = await openProjector({
    path: join(config.dataDir, 'rows.sqlite'),
    journal,
    tables: TABLES,
    clock,
    onStopped,
  })
  closers.push(() => projector.close())

  const stop = new AbortController()
  const watch = new ChainWatch({ engine: chain.engine, journal, streams, clock, log: log.child({ part: 'chain' }) })
  const following = [watch.run(stop.signal), wallet.follow(stop.signal)].map((part) =>
    part.catch((err) => {
      if (!stop.signal.aborted) log.error({ err }, 'the chain is not followed any more; restart the node')
    }),
  )
  closers.push(async () => {
    stop.abort(new Error('the node stops'))
    await Promise.all(following)
  })

  const party: Party = {
    streams,
    engine: chain.engine,
    network,
    keys,
    curve,
    clock,
    random,
    log: log.child({ part: 'lease' }),
    channelKey: (leaseId) => wallet.channelKey(leaseId),
    payoutScript: async () => toHex(await wallet.receiveScript()),
  }
  const peers = noisePeers()
  let publisher: NodePublisher | undefined
  let provider: NodeProvider | undefined
  if (config.roles.includes('publisher')) {
    publisher = await openPublisher(config, party, wallet, journal, peers)
    closers.push(publisher.close)
  }
  if (config.roles.includes('provider')) {
    provider = await openProvider(config, party, journal, peers)
    closers.push(provider.close)
  }
  if (config.mine && chain.embedded) {
    chain.embedded.node.startMining({ intervalS: network.spacingS, script: await wallet.receiveScript() })
  }
  const status: NodeStatus = {
    version: VERSION,
    network: network.name,
    identity: toHex(keys.identity.publicKey),
    roles: config.roles,
    chain: chain.engine.description,
    machines: provider?.driver,
    endpoint: publisher && `${publisher.endpoint.host}:${publisher.endpoint.port}`,
  }
  const market = openMarket({
    journal,
    streams,
    projector,
    engine: chain.engine,
    wallet,
    status,
    ...(publisher ? { publisher } : {}),
    ...(provider ? { seeker: provider.seeker } : {}),
  })
  const node = {
    config,
    market,
    journal,
    wallet,
    chain,
    status,
    notes: provider?.notes ?? [],
    endLeases: async (withinMs: number) => provider?.seeker.endAll(withinMs),
    ...(newWords ? { newWords } : {}),
    close,
  }
  if (!config.roles.includes('api')) return node
  const tokenFile = join(config.dataDir, 'api-token')
  const token = await readToken(tokenFile)
  const metrics = createMetrics()
  const { apiHost: host, apiPort: port } = config
  const api = await openApi({
    host,
    port,
    token,
    market,
    projector,
    journal,
    clock,
    log: log.child({ part: 'api' }),
    metrics,
  })
  closers.push(() => api.close())
  const addressFile = join(config.dataDir, API_ADDRESS_FILE)
  writeFileSync(addressFile, `${JSON.stringify({ url: api.url })}\n`, { mode: 0o600 })
  closers.push(() => rmSync(addressFile, { force: true }))
  return { ...node, api: { url: api.url, tokenFile } }
}

/** The wallet's keys; a node that starts for the first time makes a wallet. */
const unlock = async (
  config: Config,
  network: { readonly coinType: number },
): Promise<{ keys: Keys; newWords?: string }> => {
  const path = join(config.dataDir, 'wallet.json')
  const at = { path, password: config.walletPassword }
  const made = existsSync(path) ? undefined : await createKeystore({ ...at, random: systemRandom })
  const keys = await openKeystore({ ...at, network })
  return { keys, ...(made ? { newWords: made.mnemonic } : {}) }
}
