import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Network } from '../../domain/chain/network.ts'
import { systemClock } from '../clock/system.ts'
import type { Config } from '../config.ts'
import { chooseCurve } from '../curve/choose.ts'
import type { Journal } from '../journal/port.ts'
import { noisePeers } from '../peer/noise.ts'
import { systemRandom } from '../random/system.ts'
import type { Keys } from '../wallet/keys.ts'
import { createKeystore, openKeystore } from '../wallet/keystore.ts'
import { type NodeChain, openChain } from './chain.ts'
import { ownDuty } from './duty.ts'
import { openFollowing } from './following.ts'
import { type Hands, handsOn } from './hands.ts'
import { type NodeProvider, openProvider } from './provider.ts'
import { type NodePublisher, openPublisher } from './publisher.ts'

/** What a node with the role publisher or provider has beside its log and its rows. */
export type Acting = {
  readonly keys: Keys
  readonly chain: NodeChain
  readonly hands: Hands
  readonly publisher: NodePublisher | undefined
  readonly provider: NodeProvider | undefined
  /** Words of a wallet that was made now. */
  readonly newWords?: string
}

/** @param closers what is opened is put here, so that it is closed also when a later part cannot be opened */
export const openActing = async (
  config: Config,
  network: Network,
  journal: Journal,
  log: Logger,
  closers: (() => unknown)[],
): Promise<Acting> => {
  const { keys, newWords } = await unlock(config, network)
  const chain = await openChain(config, network, chooseCurve(), systemClock)
  closers.push(() => chain.close())
  const hands = handsOn(journal, { keys, network, engine: chain.engine, log })
  const following = await ownDuty(async () => openFollowing(hands))
  closers.push(following.close)
  const peers = noisePeers()
  const publisher = config.roles.includes('publisher')
    ? await ownDuty(() => openPublisher(config, hands, peers))
    : undefined
  if (publisher) closers.push(publisher.close)
  const provider = config.roles.includes('provider')
    ? await ownDuty(() => openProvider(config, hands, peers))
    : undefined
  if (provider) closers.push(provider.close)
  if (config.mine && chain.embedded) {
    const script = await hands.wallet.receiveScript()
    chain.embedded.node.startMining({ intervalS: network.spacingS, script })
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
    ...(newWords ? { newWords } : {}),
  }
}

/** The wallet's keys; a node that starts for the first time makes a wallet. */
const unlock = async (config: Config, network: Network): Promise<{ keys: Keys; newWords?: string }> => {
  const path = join(config.dataDir, 'wallet.json')
  const at = { path, password: config.walletPassword }
  const made = existsSync(path) ? undefined : await createKeystore({ ...at, random: systemRandom })
  const keys = await openKeystore({ ...at, network })
  return { keys, ...(made ? { newWords: made.mnemonic } : {}) }
}
