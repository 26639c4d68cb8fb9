import { utf8ToBytes } from '@noble/hashes/utils.js'
import { fromHex } from '../bytes.ts'
import type { Block } from './block.ts'
import { ZERO_HASH } from './display-hash.ts'
import { transactionsRoot } from './merkle.ts'
import type { Network } from './network.ts'
import { compileScript } from './script.ts'
import type { Transaction } from './transaction.ts'

/** The number that Satoshi's coinbase pushes before its message: 0x1d00ffff, and kept by every chain since. */
const GENESIS_BITS = 486604799n

/** Block 0, built from the network's parameters. Its coins can never be spent: they are not among the coins. */
export const genesisBlock = (network: Network): Block => {
  const { time, nonce, bits, version, message, subsidy, script } = network.genesis
  const coinbase: Transaction = {
    version: 1,
    inputs: [
      {
        txid: ZERO_HASH,
        vout: 0xffffffff,
        // The four was pushed as a byte, not as a constant: done by hand, since `compileScript` would shorten it.
        scriptSig: compileScript([GENESIS_BITS, 0x01, 0x04, utf8ToBytes(message)]),
        sequence: 0xffffffff,
        witness: [],
      },
    ],
    outputs: [{ value: subsidy, script: fromHex(script) }],
    lockTime: 0,
  }
  const merkle = transactionsRoot([coinbase])
  return {
    header: { version, previous: ZERO_HASH, merkleRoot: merkle.root, time, bits, nonce },
    transactions: [coinbase],
  }
}
