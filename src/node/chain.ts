import { join } from 'node:path'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Network } from '../../domain/chain/network.ts'
import { Fault } from '../../domain/fault.ts'
import type { ChainEngine } from '../chain/port.ts'
import { openRpcEngine } from '../chain/rpc-engine.ts'
import { serveRpc } from '../chain/rpc-server.ts'
import { openXencoind, type Xencoind } from '../chain/xencoind/xencoind.ts'
import type { Clock } from '../clock/port.ts'
import type { Config } from '../config.ts'
import { openScriptThreads } from '../curve/script-threads.ts'

/** A node's chain: somebody else's daemon, or one of its own with JSON-RPC for other nodes. */
export type NodeChain = {
  readonly engine: ChainEngine
  /** Present when it runs in this process: it can mine. */
  readonly embedded?: { readonly node: Xencoind; readonly url: string; readonly cookieFile: string }
  close(): Promise<void>
}

export const openChain = async (config: Config, network: Network, curve: Curve, clock: Clock): Promise<NodeChain> => {
  if (config.chain !== 'embedded') {
    const engine = await openRpcEngine({ network, url: config.chain, auth: authOf(config), clock })
    return { engine, close: () => engine.close() }
  }
  const dataDir = join(config.dataDir, 'chain')
  const node = await openXencoind({ threads: openScriptThreads(), dataDir, network, curve, clock })
  try {
    const rpc = await serveRpc({ node, dataDir, bind: config.rpcHost, port: config.rpcPort })
    const close = async () => {
      await rpc.close()
      await node.close()
    }
    return { engine: node, embedded: { node, url: rpc.url, cookieFile: rpc.cookieFile }, close }
  } catch (error) {
    await node.close()
    throw error
  }
}

const authOf = ({ chainCookie, chainUser, chainPassword }: Config) => {
  if (chainUser !== undefined) return { user: chainUser, password: chainPassword ?? '' }
  if (chainCookie !== undefined) return { cookieFile: chainCookie }
  throw new Fault('config.no-chain-login', 'the chain node asks for a login, and none is set', {
    culprit: 'you',
    next: 'Set --chain-cookie to the .cookie file in its data directory, or --chain-user and --chain-password.',
  })
}
