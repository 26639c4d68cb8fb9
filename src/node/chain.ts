import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Network } from '../../domain/chain/network.ts'
import { Fault } from '../../domain/fault.ts'
import { parseHostPort } from '../chain/p2p/host-port.ts'
import { P2P_LIMITS } from '../chain/p2p/limits.ts'
import { openP2p, type P2p } from '../chain/p2p/p2p.ts'
import type { HostPort } from '../chain/p2p/port.ts'
import { tcpTransport } from '../chain/p2p/tcp.ts'
import type { ChainEngine } from '../chain/port.ts'
import { openRpcEngine } from '../chain/rpc-engine.ts'
import { serveRpc } from '../chain/rpc-server.ts'
import { keySolver } from '../chain/xencoind/key-solver.ts'
import { openXencoind, type Xencoind } from '../chain/xencoind/xencoind.ts'
import type { Clock } from '../clock/port.ts'
import type { Config } from '../config.ts'
import { openScriptThreads } from '../curve/script-threads.ts'
import type { Random } from '../random/port.ts'
import { VERSION } from './version.ts'

/** A node's chain: somebody else's daemon, or one of its own with JSON-RPC for other nodes. */
export type NodeChain = {
  readonly engine: ChainEngine
  /** Present when it runs in this process: it can mine. */
  readonly embedded?: {
    readonly node: Xencoind
    readonly peers: P2p
    readonly url: string
    readonly cookieFile: string
  }
  close(): Promise<void>
}

export type ChainOptions = {
  readonly config: Config
  readonly network: Network
  readonly curve: Curve
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

export const openChain = async (options: ChainOptions): Promise<NodeChain> => {
  const { config, network, clock } = options
  if (config.chain === 'embedded') return openEmbedded(options)
  const engine = await openRpcEngine({ network, url: config.chain, auth: authOf(config), clock })
  return { engine, close: () => engine.close() }
}

const openEmbedded = async ({ config, network, curve, clock, random, log }: ChainOptions): Promise<NodeChain> => {
  const dataDir = join(config.dataDir, 'chain')
  const solve = config.signingKey === undefined ? undefined : keySolver(config.signingKey, curve)
  const threads = openScriptThreads()
  const node = await openXencoind({ threads, dataDir, network, curve, clock, log, ...(solve && { solve }) })
  const closers: (() => Promise<void>)[] = [() => node.close()]
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one()
  }
  try {
    const { listen, p2pHost: host, p2pPort, connect, addnode, maxPeers } = config
    const peers = await openP2p({
      node,
      dataDir,
      clock,
      random,
      log,
      transport: tcpTransport(),
      userAgent: `/zennet:${VERSION}/`,
      ...(listen && { listen: { host, port: p2pPort ?? network.p2pPort } }),
      connect: hostPorts(connect, network),
      addNodes: hostPorts(addnode, network),
      limits: { peers: maxPeers, outbound: Math.min(P2P_LIMITS.outbound, maxPeers) },
    })
    closers.push(() => peers.close())
    const rpc = await serveRpc({ node, peers, dataDir, bind: config.rpcHost, port: config.rpcPort })
    closers.push(() => rpc.close())
    return { engine: node, embedded: { node, peers, url: rpc.url, cookieFile: rpc.cookieFile }, close }
  } catch (error) {
    await close()
    throw error
  }
}

const hostPorts = (texts: readonly string[], { p2pPort }: Network): HostPort[] =>
  texts.map((text) => {
    const at = parseHostPort(text, p2pPort)
    if (at !== undefined) return at
    throw new Fault('config.bad-value', `${text} is not an address of a chain node`, {
      culprit: 'you',
      next: 'Write it as HOST:PORT.',
    })
  })

const authOf = ({ chainCookie, chainUser, chainPassword }: Config) => {
  if (chainUser !== undefined) return { user: chainUser, password: chainPassword ?? '' }
  if (chainCookie !== undefined) return { cookieFile: chainCookie }
  throw new Fault('config.no-chain-login', 'the chain node asks for a login, and none is set', {
    culprit: 'you',
    next: 'Set --chain-cookie to the .cookie file in its data directory, or --chain-user and --chain-password.',
  })
}
