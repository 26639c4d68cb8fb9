import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { toHex } from '../../domain/bytes.ts'
import type { Network } from '../../domain/chain/network.ts'
import { systemClock } from '../clock/system.ts'
import type { Config } from '../config.ts'
import { chooseCurve } from '../curve/choose.ts'
import { openSnapshots } from '../journal/snapshots.ts'
import { tellEnds } from '../market/end-log.ts'
import { noisePeers } from '../peer/noise.ts'
import type { ProcessCounts } from '../process/port.ts'
import { systemRandom } from '../random/system.ts'
import type { Keys } from '../wallet/keys.ts'
import { createKeystore, openKeystore } from '../wallet/keystore.ts'
import { openArchivist } from './archivist.ts'
import { type NodeChain, openChain } from './chain.ts'
import { openClaims } from './claims.ts'
import { type DutyOptions, openDuty, type Part } from './duty.ts'
import { openFollowing } from './following.ts'
import { type Hands, handsOn } from './hands.ts'
import { type KeepingPublisher, keepingKeys } from './kept-keys.ts'
import type { NodeLog } from './log.ts'
import { checkLogOwner } from './log-owner.ts'
import { type NodeProvider, openProvider } from './provider.ts'
import { openPublisher } from './publisher.ts'

/** What a node with the role publisher or provider has beside its log and its rows. */
export type Acting = {
  readonly keys: Keys
  readonly chain: NodeChain
  readonly hands: Hands
  readonly publisher: KeepingPublisher | undefined
  readonly provider: NodeProvider | undefined
  readonly notes: readonly string[]
  /** Words of a wallet that was made now. */
  readonly newWords?: string
}

/** Told of what operators count. */
export type NodeCounts = ProcessCounts & { archived(streams: number): void }

/** @param closers what is opened is put here, so that it is closed also when a later part cannot be opened */
export const openActing = async (
  config: Config,
  network: Network,
  { journal, keys: seals, obeying }: NodeLog,
  log: Logger,
  closers: (() => unknown)[],
  counts: NodeCounts,
): Promise<Acting> => {
  const { keys, newWords } = await unlock(config, network)
  const identity = toHex(keys.identity.publicKey)
  await checkLogOwner(journal, { identity, network: network.name }, systemClock.now())
  const world = { curve: chooseCurve(), clock: systemClock, random: systemRandom }
  const chain = await openChain({ config, network, ...world, log: log.child({ part: 'chain' }) })
  closers.push(() => chain.close())
  const snapshots = await openSnapshots({ path: join(config.dataDir, 'snapshots.sqlite'), log, seals })
  closers.push(() => snapshots.close())
  const tools = { ...world, keys, obeying, network, engine: chain.engine, log: log.child({ part: 'lease' }), snapshots }
  const hands = handsOn(journal, tools)
  const stop = new AbortController()
  const telling = tellEnds(journal, tools.clock, log.child({ part: 'lease' }), stop.signal)
  closers.push(() => {
    stop.abort(new Error('the node stops'))
    return telling
  })
  const claims = openClaims(config, hands)
  closers.push(() => claims.close())
  const duty = async <P extends Part>(name: string, open: (hands: Hands) => Promise<P>) => {
    // A journal that nobody else writes to is not fenced, and its folded streams are shared by all.
    const handed: DutyOptions<P>['open'] = (own) => open(own === journal ? hands : handsOn(own, tools))
    const opened = await openDuty({ name, claims, journal, clock: systemClock, log, open: handed })
    closers.push(() => opened.close())
    return opened
  }
  await duty('archive', async () => openArchivist(config, journal, snapshots, log, counts.archived))
  await duty('chain', async (own) => openFollowing(own, log.child({ part: 'chain' }), config.chainIndex))
  const peers = noisePeers()
  const { roles } = config
  const publisher = roles.includes('publisher')
    ? await duty('publisher', async (own) => keepingKeys(config, own, await openPublisher(config, own, peers, counts)))
    : undefined
  const provider = roles.includes('provider')
    ? await duty('provider', (own) => openProvider(config, own, peers))
    : undefined
  if (config.mine && chain.embedded) {
    const script = await hands.wallet.receiveScript()
    chain.embedded.node.startMining({ intervalS: network.spacingS, script, threads: config.miningThreads })
  }
  return {
    keys,
    chain,
    hands,
    get publisher() {
      return publisher?.current
    },
    get provider() {
      return provider?.current
    },
    notes: [
      ...(provider?.current?.notes ?? []),
      ...Object.entries({ publisher, provider })
        .filter(([, it]) => it?.current === undefined && it)
        .map(([name]) => `Another node on this log is the ${name} now: this one takes over when it is gone.`),
    ],
    ...(newWords ? { newWords } : {}),
  }
}

export const walletPath = (config: Config): string => config.walletFile ?? join(config.dataDir, 'wallet.json')

/** The wallet's keys; a node that starts for the first time makes a wallet. */
const unlock = async (config: Config, network: Network): Promise<{ keys: Keys; newWords?: string }> => {
  const at = { path: walletPath(config), password: config.walletPassword }
  const made = existsSync(at.path) ? undefined : await createKeystore({ ...at, random: systemRandom })
  const keys = await openKeystore({ ...at, network })
  return { keys, ...(made ? { newWords: made.mnemonic } : {}) }
}
