import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Network } from '../../domain/chain/network.ts'
import { networkNamed } from '../../domain/chain/network.ts'
import { openRpcEngine } from '../../src/chain/rpc-engine.ts'
import { type RpcServer, serveRpc } from '../../src/chain/rpc-server.ts'
import { openXencoind, type Xencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { chainEngineContract, type EngineUnderTest } from '../contracts/chain-engine.ts'
import { enginePortContract } from '../contracts/engine-port.ts'
import { curve } from './coins.ts'

const open = (dataDir: string, network: Network) => openXencoind({ dataDir, network, curve, clock: systemClock })

const embedded = (name: Network['name']) => async (): Promise<EngineUnderTest> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zennet-chain-'))
  let node = await open(dataDir, networkNamed(name))
  return {
    engine: node,
    invalidate: (hash) => node.invalidateBlock(hash),
    restart: async () => {
      await node.close()
      node = await open(dataDir, networkNamed(name))
      return node
    },
    dispose: async () => {
      await node.close()
      await rm(dataDir, { recursive: true })
    },
  }
}

const overRpc = (name: Network['name']) => async (): Promise<EngineUnderTest> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zennet-chain-'))
  const network = networkNamed(name)
  let node: Xencoind
  let server: RpcServer
  const start = async (port: number) => {
    node = await open(dataDir, network)
    server = await serveRpc({ node, dataDir, port })
  }
  await start(0)
  const port = server!.port
  const { url, cookieFile } = server!
  const engine = await openRpcEngine({ network, url, auth: { cookieFile }, clock: systemClock, pollMs: 20 })
  const end = async () => {
    await server.close()
    await node.close()
  }
  return {
    engine,
    invalidate: (hash) => node.invalidateBlock(hash),
    restart: async () => {
      await end()
      await start(port)
      return engine
    },
    dispose: async () => {
      await engine.close()
      await end()
      await rm(dataDir, { recursive: true })
    },
  }
}

chainEngineContract('xencoind embedded, xencoin-dev', embedded('xencoin-dev'))
chainEngineContract('xencoind embedded, regtest', embedded('regtest'))
chainEngineContract('xencoind over JSON-RPC', overRpc('xencoin-dev'))
enginePortContract('xencoind embedded', embedded('xencoin-dev'))
enginePortContract('xencoind over JSON-RPC', overRpc('regtest'))
