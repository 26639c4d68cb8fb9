import type { Block, BlockHeader } from './block.ts'
import { ZERO_HASH } from './display-hash.ts'
import { transactionsRoot, witnessCommitmentScript } from './merkle.ts'
import { compileScript } from './script.ts'
import type { Transaction, TxOutput } from './transaction.ts'

/** The one witness item of every coinbase made here (BIP 141 lets it be anything of 32 bytes). */
const WITNESS_RESERVED = new Uint8Array(32)
/** BIP 9: no deployment is signalled. */
export const BLOCK_VERSION = 0x20000000

/** Stands where the coinbase will: the witness root counts it as zero. */
const COINBASE_PLACE: Transaction = { version: 2, inputs: [], outputs: [], lockTime: 0 }

/** The script that commits to the witnesses of a block of `transactions`, whatever its coinbase is. */
export const templateCommitment = (transactions: readonly Transaction[]): Uint8Array =>
  witnessCommitmentScript([COINBASE_PLACE, ...transactions], WITNESS_RESERVED)

export type CoinbaseInput = {
  readonly height: number
  /** Who is paid. */
  readonly script: Uint8Array
  /** Subsidy and fees, in sats. */
  readonly value: bigint
  /** Makes coinbases of one height and payee differ; also widens the nonce. */
  readonly extraNonce: bigint
  /** Script of the output that commits to the witnesses. */
  readonly witnessCommitment?: Uint8Array
}

/** The transaction that makes a block's new coins: height first (BIP 34). */
export const makeCoinbase = ({ height, script, value, extraNonce, witnessCommitment }: CoinbaseInput): Transaction => {
  const outputs: TxOutput[] = [{ value, script }]
  if (witnessCommitment !== undefined) outputs.push({ value: 0n, script: witnessCommitment })
  return {
    version: 2,
    inputs: [
      {
        txid: ZERO_HASH,
        vout: 0xffffffff,
        // Pushed as eight bytes whatever it is: heights to 16 are one byte, and a coinbase script has at least two.
        scriptSig: compileScript([BigInt(height), extraNonceBytes(extraNonce)]),
        sequence: 0xffffffff,
        witness: witnessCommitment === undefined ? [] : [WITNESS_RESERVED],
      },
    ],
    outputs,
    lockTime: 0,
  }
}

const extraNonceBytes = (extraNonce: bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, extraNonce), true)
  return bytes
}

export type BlockInput = {
  /** Compact target (`nextBits`). */
  readonly bits: number
  /** Hash of the parent, display order. */
  readonly previous: string
  readonly height: number
  /** Unix seconds, above the median time past. */
  readonly time: number
  /** Without the coinbase; a transaction stands after those it spends. */
  readonly transactions: readonly Transaction[]
  readonly script: Uint8Array
  /** Subsidy and fees, in sats. */
  readonly value: bigint
  readonly extraNonce: bigint
}

/** A block with everything but its work: `nonce` is zero, for the miner to find. */
export const assembleBlock = (input: BlockInput): Block => {
  const { bits, previous, height, time, script, value, extraNonce } = input
  const witnessCommitment = templateCommitment(input.transactions)
  const coinbase = makeCoinbase({ height, script, value, extraNonce, witnessCommitment })
  const transactions = [coinbase, ...input.transactions]
  const header: BlockHeader = {
    version: BLOCK_VERSION,
    previous,
    merkleRoot: transactionsRoot(transactions).root,
    time,
    bits,
    nonce: 0,
  }
  return { header, transactions }
}
