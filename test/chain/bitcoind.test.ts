import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { z } from 'zod'
import { networkNamed } from '../../domain/chain/network.ts'
import { rpcClient } from '../../src/chain/rpc/client.ts'
import { openRpcEngine } from '../../src/chain/rpc-engine.ts'
import { systemClock } from '../../src/clock/system.ts'
import { skipWithoutBitcoind, startBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { chainEngineContract, type EngineUnderTest } from '../contracts/chain-engine.ts'

const onBitcoind = async (): Promise<EngineUnderTest> => {
  const home = await mkdtemp(join(tmpdir(), 'zennet-bitcoind-'))
  let node = await startBitcoind(home)
  const at = { url: node.url, auth: { cookieFile: node.cookie }, clock: systemClock }
  const call = rpcClient(at)
  const engine = await openRpcEngine({ network: networkNamed('regtest'), ...at, pollMs: 20 })
  return {
    engine,
    invalidate: async (hash) => void (await call(z.null(), 'invalidateblock', [hash])),
    restart: async () => {
      await node.daemon.stop()
      node = await startBitcoind(home, node.port)
      return engine
    },
    dispose: async () => {
      await engine.close()
      await node.daemon.stop()
      await rm(home, { recursive: true })
    },
  }
}

describe.skipIf(skipWithoutBitcoind)(`a real bitcoind ${whyNoBitcoind}`, () => {
  chainEngineContract('bitcoind over JSON-RPC, regtest', onBitcoind)
})
