import { toHex } from '../../../domain/bytes.ts'
import { encodeAddress } from '../../../domain/chain/address.ts'
import type { BlockHeader } from '../../../domain/chain/block.ts'
import {
  encodeTransaction,
  totalSize,
  transactionId,
  transactionWeight,
  virtualSize,
  witnessId,
} from '../../../domain/chain/codec.ts'
import { ZERO_HASH } from '../../../domain/chain/display-hash.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { targetOf } from '../../../domain/chain/pow.ts'
import { witnessProgram } from '../../../domain/chain/script.ts'
import type { Transaction, TxInput } from '../../../domain/chain/transaction.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import { outputKind } from '../xencoind/policy.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { toCoins } from './amount.ts'
import { scriptAsm } from './script-asm.ts'

/** Core's `scriptPubKey` object. */
export const scriptForm = (network: Network, script: Uint8Array) => {
  const program = witnessProgram(script)
  return {
    asm: scriptAsm(script),
    hex: toHex(script),
    ...(program === undefined || outputKind(script) === 'nonstandard'
      ? {}
      : { address: encodeAddress(network, script) }),
    type: scriptType(script),
  }
}

const scriptType = (script: Uint8Array): string => {
  const program = witnessProgram(script)
  const kind = outputKind(script)
  if (program === undefined || kind === 'nonstandard') return kind
  if (program.version === 0) return program.program.length === 20 ? 'witness_v0_keyhash' : 'witness_v0_scripthash'
  return program.version === 1 && program.program.length === 32 ? 'witness_v1_taproot' : 'witness_unknown'
}

export const transactionForm = (network: Network, tx: Transaction) => ({
  txid: transactionId(tx),
  hash: witnessId(tx),
  version: tx.version,
  size: totalSize(tx),
  vsize: virtualSize(tx),
  weight: transactionWeight(tx),
  locktime: tx.lockTime,
  vin: tx.inputs.map(inputForm),
  vout: tx.outputs.map(({ value, script }, n) => ({
    value: toCoins(value),
    n,
    scriptPubKey: scriptForm(network, script),
  })),
  hex: toHex(encodeTransaction(tx)),
})

const inputForm = ({ txid, vout, scriptSig, witness, sequence }: TxInput) => ({
  ...(txid === ZERO_HASH
    ? { coinbase: toHex(scriptSig) }
    : { txid, vout, scriptSig: { asm: scriptAsm(scriptSig), hex: toHex(scriptSig) } }),
  ...(witness.length === 0 ? {} : { txinwitness: witness.map(toHex) }),
  sequence,
})

const bitsHex = ({ bits }: BlockHeader): string => bits.toString(16).padStart(8, '0')

/** Relative to Bitcoin's easiest target, as everywhere. */
export const difficultyOf = ({ bits }: BlockHeader): number =>
  Number(((targetOf(0x1d00ffff) ?? 0n) * 1_000_000_000_000n) / (targetOf(bits) ?? 1n)) / 1e12

/** What `getblockheader` gives; `getblock` adds to it. */
export const headerForm = ({ inside }: Xencoind, entry: BlockEntry) => {
  const { active, blocks } = inside.store
  const isActive = active.has(entry)
  const tip = active.tip()!
  const next = isActive ? active.at(entry.height + 1)?.hash : undefined
  const { header } = entry
  return {
    hash: entry.hash,
    confirmations: isActive ? tip.height - entry.height + 1 : -1,
    height: entry.height,
    version: header.version,
    versionHex: (header.version >>> 0).toString(16).padStart(8, '0'),
    merkleroot: header.merkleRoot,
    time: header.time,
    mediantime: inside.medianTime(entry),
    nonce: header.nonce,
    bits: bitsHex(header),
    difficulty: difficultyOf(header),
    chainwork: entry.work.toString(16).padStart(64, '0'),
    nTx: entry.transactions,
    ...(blocks.get(header.previous) === undefined ? {} : { previousblockhash: header.previous }),
    ...(next === undefined ? {} : { nextblockhash: next }),
  }
}
