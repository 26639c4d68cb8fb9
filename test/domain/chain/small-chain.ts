import type { Block } from '../../../domain/chain/block.ts'
import { medianTime } from '../../../domain/chain/check-block.ts'
import { headerHash, transactionId } from '../../../domain/chain/codec.ts'
import type { Coin } from '../../../domain/chain/coin.ts'
import { type Connected, connectBlock } from '../../../domain/chain/connect.ts'
import { compactToDer } from '../../../domain/chain/der.ts'
import { nextBits } from '../../../domain/chain/difficulty.ts'
import { findNonce } from '../../../domain/chain/find-nonce.ts'
import { genesisBlock } from '../../../domain/chain/genesis.ts'
import { hash160 } from '../../../domain/chain/hash.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { p2pkh, p2wpkh } from '../../../domain/chain/script.ts'
import { SIGHASH, witnessV0Digest } from '../../../domain/chain/sighash.ts'
import { subsidyAt } from '../../../domain/chain/subsidy.ts'
import { assembleBlock } from '../../../domain/chain/template.ts'
import type { OutPoint, Transaction, TxOutput } from '../../../domain/chain/transaction.ts'
import { nobleCurve as curve } from '../../../src/curve/noble.ts'

/** The blocks and coins of one chain in memory: just enough to put the rules together in tests. */
export const smallChain = (network: Network) => {
  const blocks: Block[] = [genesisBlock(network)]
  const coins = new Map<string, Coin>()
  const medianTimeAt = (height: number): number =>
    medianTime(blocks.slice(Math.max(0, height - 10), height + 1).map((block) => block.header.time))

  const next = (
    transactions: readonly Transaction[],
    {
      script = p2wpkh(new Uint8Array(20)),
      fees = 0n,
      timeS,
    }: { script?: Uint8Array; fees?: bigint; timeS?: number } = {},
  ): Block => {
    const parent = blocks.at(-1) as Block
    const height = blocks.length
    const value = subsidyAt(network, height) + fees
    const time = timeS ?? medianTimeAt(height - 1) + 1
    const previous = headerHash(parent.header)
    const bits = nextBits(network, height, (at) => (blocks[at] as Block).header)
    return solved(assembleBlock({ bits, previous, height, time, transactions, script, value, extraNonce: 7n }))
  }
  const connect = (block: Block) =>
    connectBlock({ block, height: blocks.length, coin: (key) => coins.get(key), medianTimeAt, network, curve })
  const apply = (block: Block): Connected => {
    const result = connect(block)
    if ('reject' in result) throw new Error(result.reject)
    for (const { key } of result.spent) coins.delete(key)
    for (const { key, coin } of result.created) coins.set(key, coin)
    blocks.push(block)
    return result
  }
  const undo = ({ spent, created }: Connected): void => {
    blocks.pop()
    for (const { key } of created) coins.delete(key)
    for (const { key, coin } of spent) coins.set(key, coin)
  }
  return { blocks, coins, medianTimeAt, next, connect, apply, undo }
}

export const solved = (block: Block): Block => {
  const header = findNonce({ ...block.header, nonce: 0 }, 10_000)
  if (header === undefined) throw new Error('no nonce')
  return { ...block, header }
}

export const secretOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)
export const payTo = (secret: Uint8Array): Uint8Array => p2wpkh(hash160(curve.publicKey(secret)))

export const coinbasePoint = (block: Block): OutPoint => ({
  txid: transactionId(block.transactions[0] as Transaction),
  vout: 0,
})

/** Spends P2WPKH outputs of one key, all signed. */
export const spendAll = (
  secret: Uint8Array,
  inputs: readonly { point: OutPoint; value: bigint; sequence?: number }[],
  outputs: readonly TxOutput[],
  { lockTime = 0, version = 2 }: { lockTime?: number; version?: number } = {},
): Transaction => {
  const key = curve.publicKey(secret)
  const bare: Transaction = {
    version,
    inputs: inputs.map(({ point, sequence = 0xffffffff }) => ({
      ...point,
      scriptSig: new Uint8Array(0),
      sequence,
      witness: [],
    })),
    outputs,
    lockTime,
  }
  const cache = {}
  return {
    ...bare,
    inputs: bare.inputs.map((input, i) => {
      const value = inputs[i]?.value ?? 0n
      const digest = witnessV0Digest(bare, i, p2pkh(hash160(key)), value, SIGHASH.ALL, cache)
      const signature = Uint8Array.from([...compactToDer(curve.signEcdsa(digest, secret)), SIGHASH.ALL])
      return { ...input, witness: [signature, key] }
    }),
  }
}
