import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { networkNamed } from '../../domain/chain/network.ts'
import { openXencoind } from '../../src/chain/xencoind/xencoind.ts'
import { systemClock } from '../../src/clock/system.ts'
import { curve } from '../chain/coins.ts'
import { channelContract } from '../contracts/channel-on-chain.ts'

channelContract('xencoind, regtest', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'zennet-chain-'))
  const node = await openXencoind({ dataDir, network: networkNamed('regtest'), curve, clock: systemClock })
  return {
    engine: node,
    invalidate: (hash) => node.invalidateBlock(hash),
    restart: async () => node,
    dispose: async () => {
      await node.close()
      await rm(dataDir, { recursive: true })
    },
  }
})
