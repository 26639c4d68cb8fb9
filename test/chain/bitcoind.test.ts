import { describe } from 'vitest'
import { skipWithoutBitcoind, whyNoBitcoind } from '../bitcoind/bitcoind.ts'
import { bitcoindEngine } from '../bitcoind/engine.ts'
import { chainEngineContract } from '../contracts/chain-engine.ts'
import { enginePortContract } from '../contracts/engine-port.ts'

describe.skipIf(skipWithoutBitcoind)(`a real bitcoind ${whyNoBitcoind}`, () => {
  chainEngineContract('bitcoind over JSON-RPC, regtest', bitcoindEngine)
  enginePortContract('bitcoind over JSON-RPC, regtest', bitcoindEngine)
})
