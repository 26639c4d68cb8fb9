import { describe } from 'vitest'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { bitcoindEngine } from '../bitcoind/engine.ts'
import { channelContract } from '../contracts/channel-on-chain.ts'

describe.skipIf(skipWithoutBitcoind)(`a real bitcoind ${whyNoBitcoind}`, () => {
  channelContract('bitcoind, regtest', bitcoindEngine)
})
