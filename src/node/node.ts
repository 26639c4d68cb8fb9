import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { toHex } from '../../domain/bytes.ts'
import { Fault } from '../../domain/fault.ts'
import { readGrants } from '../../domain/session/grant.ts'
import { TABLES } from '../../projections/tables.ts'
import { countingIn, createMetrics } from '../api/metrics.ts'
import type { Market, NodeStatus } from '../api/port.ts'
import { openApi } from '../api/server.ts'
import { readToken } from '../api/token.ts'
import { systemClock } from '../clock/system.ts'
import type { Config } from '../config.ts'
import { chooseCurve } from '../curve/choose.ts'
import { lockDataDir } from '../data-lock.ts'
import type { Journal } from '../journal/port.ts'
import { openEffectCommands } from '../market/effect-commands.ts'
import { openForgetting } from '../market/forgetting.ts'
import { openMarket } from '../market/market.ts'
import { openReadingMarket } from '../market/reading-market.ts'
import { openTerminals } from '../market/terminals.ts'
import { openWalletDesk } from '../market/wallet-desk.ts'
import { openProjector } from '../projector/projector.ts'
import { dropPutAside } from '../projector/rows-file.ts'
import { systemRandom } from '../random/system.ts'
import { openTerminal } from '../shell/terminal-client.ts'
import { cutLog } from '../sqlite/database.ts'
import { walletInLog } from '../wallet/in-log.ts'
import { checkKeystore } from '../wallet/keystore.ts'
import type { Wallet } from '../wallet/port.ts'
import { openSpendingLock } from '../wallet/spending-lock.ts'
import { openActing, walletPath } from './acting.ts'
import { API_ADDRESS_FILE } from './address-file.ts'
import type { NodeChain } from './chain.ts'
import { chainPeers } from './chain-peers.ts'
import { openLog } from './log.ts'
import { networkOf } from './network.ts'
import { VERSION } from './version.ts'

/** A running node: what was configured, put together. */
export type Node = {
  readonly config: Config
  readonly market: Market
  readonly journal: Journal
  /** Both absent when it only reads the log. */
  readonly wallet: Wallet | undefined
  readonly chain: NodeChain | undefined
  readonly status: NodeStatus
  /** Present with the role `api`, which alone makes a node that only reads the log. */
  readonly api?: { readonly url: string; readonly tokenFile: string; readonly token: string }
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

/** How long rows may take to follow a fact before it is asked again, ms: they may be built anew just then. */
const ROWS_FOLLOW_MS = 60_000

/** Where `npm run dashboard` puts it. */
const DASHBOARD = fileURLToPath(new URL('../../.cache/dashboard/page', import.meta.url))

const assemble = async (
  config: Config,
  log: Logger,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Node> => {
  closers.push(lockDataDir(config.dataDir))
  const network = networkOf(config)
  const clock = systemClock
  const nodeLog = await openLog(config, log.child({ part: 'forgetting' }), closers)
  const { journal, keys, obeying } = nodeLog
  const onStopped = (table: string, err: unknown) => log.error({ table, err }, 'a projection stands still')
  const onPutAside = (aside: string, err: unknown) =>
    log.warn({ aside, err }, 'the rows cannot be used: their file was put aside, and they are folded again')
  const path = join(config.dataDir, 'rows.sqlite')
  const projector = await openProjector({ path, journal, tables: TABLES, clock, onStopped, onPutAside })
  closers.push(() => projector.close())
  obeying.onForgotten(async (position) => {
    await projector.waitFor(position, ROWS_FOLLOW_MS)
    cutLog(path, 'projector')
    dropPutAside(path)
  })

  const isReader = config.roles.every((role) => role === 'api')
  if (isReader && config.mine) {
    throw new Fault('config.bad-value', 'mine needs the role publisher or provider: a node without one has no chain', {
      culprit: 'you',
      next: 'Add the role, leave out mine, or run `xencoind` for a chain alone.',
    })
  }
  const metrics = createMetrics()
  const acting = isReader ? undefined : await openActing(config, network, nodeLog, log, closers, countingIn(metrics))
  const status: NodeStatus = {
    version: VERSION,
    network: network.name,
    identity: acting && toHex(acting.keys.identity.publicKey),
    roles: config.roles,
    chain: acting?.chain.engine.description ?? 'none',
    curve: chooseCurve().engine,
    get machines() {
      return acting?.provider?.driver
    },
    get endpoint() {
      const endpoint = acting?.publisher?.endpoint
      return endpoint && `${endpoint.host}:${endpoint.port}`
    },
  }
  const spendingLock = openSpendingLock({
    clock,
    hasPassword: config.walletPassword !== '',
    check: (password) => checkKeystore({ path: walletPath(config), password }),
  })
  const market = acting
    ? openMarket({
        clock,
        lock: spendingLock,
        desk: openWalletDesk({
          journal,
          engine: acting.chain.engine,
          wallet: acting.hands.wallet,
          lock: spendingLock,
        }),
        journal,
        streams: acting.hands.streams,
        projector,
        forgetting: openForgetting({ journal, keys, projector, clock, reached: obeying.reached }),
        chainNetwork: () => {
          const peers = acting.chain.embedded?.peers
          return { spacingS: network.spacingS, ...(peers ? { peers: chainPeers(peers) } : {}) }
        },
        terminals: openTerminals({
          streams: acting.hands.streams,
          open: openTerminal,
          publisher: () => {
            const it = acting.publisher
            return it && { keys: it.keys, shellPort: (leaseId) => it.publisher.shellPort(leaseId) }
          },
        }),
        effects: openEffectCommands({ journal, streams: acting.hands.streams, clock }),
        engine: acting.chain.engine,
        wallet: acting.hands.wallet,
        status,
        get publisher() {
          return acting.publisher
        },
        get seeker() {
          return acting.provider?.seeker
        },
      })
    : openReadingMarket({ projector, wallet: walletInLog(journal, network.coinbaseMaturity), status })
  const node = {
    config,
    market,
    journal,
    wallet: acting?.hands.wallet,
    chain: acting?.chain,
    status,
    notes: acting?.notes ?? readerNotes(config),
    endLeases: async (withinMs: number) => acting?.provider?.seeker.endAll(withinMs),
    ...(acting?.newWords ? { newWords: acting.newWords } : {}),
    close,
  }
  if (!config.roles.includes('api')) return node
  const tokenFile = join(config.dataDir, 'api-token')
  const token = await readToken(tokenFile)
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
    curve: chooseCurve(),
    random: systemRandom,
    sessions: {
      path: join(config.dataDir, 'sessions.sqlite'),
      grants: readGrants(config.sessionKeys),
      urls: config.apiUrls,
    },
    dashboard: DASHBOARD,
  })
  closers.push(() => api.close())
  const addressFile = join(config.dataDir, API_ADDRESS_FILE)
  writeFileSync(addressFile, `${JSON.stringify({ url: api.url })}\n`, { mode: 0o600 })
  closers.push(() => rmSync(addressFile, { force: true }))
  return { ...node, api: { url: api.url, tokenFile, token } }
}

const readerNotes = (config: Config): string[] => [
  'This node only reads the log: commands go to a node with the role publisher or provider.',
  ...(config.journal === 'sqlite'
    ? ['Its log is a file of its own, which nobody writes to: name the one to read with --journal.']
    : []),
]
