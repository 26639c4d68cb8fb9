import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { networkNamed } from '../../domain/chain/network.ts'
import { type RpcClient, rpcClient } from '../../src/chain/rpc/client.ts'
import { openRpcEngine } from '../../src/chain/rpc-engine.ts'
import { systemClock } from '../../src/clock/system.ts'
import type { EngineUnderTest } from '../contracts/chain-engine.ts'
import { startBitcoind } from './bitcoind.ts'

/** A real bitcoind on a fresh regtest chain, as an engine; `call` asks it what no engine needs, of its wallet too if it has one. */
export const bitcoindEngine = async (
  options: { wallet?: boolean } = {},
): Promise<EngineUnderTest & { readonly call: RpcClient }> => {
  const home = await mkdtemp(join(tmpdir(), 'zennet-bitcoind-'))
  let node = await startBitcoind(home, undefined, options)
  const at = { url: node.url, auth: { cookieFile: node.cookie }, clock: systemClock }
  const call = rpcClient(at)
  const engine = await openRpcEngine({ network: networkNamed('regtest'), ...at, pollMs: 20 })
  return {
    engine,
    call,
    invalidate: async (hash) => void (await call(z.null(), 'invalidateblock', [hash])),
    restart: async () => {
      await node.daemon.stop()
      node = await startBitcoind(home, node.port, options)
      return engine
    },
    dispose: async () => {
      await engine.close()
      await node.daemon.stop()
      await rm(home, { recursive: true })
    },
  }
}
