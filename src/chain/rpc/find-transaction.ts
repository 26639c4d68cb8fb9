import type { Block, BlockRef } from '../../../domain/chain/block.ts'
import { transactionId } from '../../../domain/chain/codec.ts'
import type { FoundTransaction } from '../port.ts'
import { outputAnswer } from './answer.ts'
import type { RpcClient } from './client.ts'
import type { NodeView } from './node-view.ts'

/** Transactions whose block is remembered, newest kept. About 30 MB at the bound. */
export const REMEMBERED_TRANSACTIONS = 200_000
/** Outputs asked for when a transaction is in nothing else: enough for what this project makes. */
export const PROBED_OUTPUTS = 4

export interface TransactionFinder {
  /** Notes where a block's transactions are. */
  learn(hash: string, block: Block): void
  find(txid: string): Promise<FoundTransaction | undefined>
}

/**
 * Finds transactions also on a bitcoind that has no `-txindex`, which can give a confirmed transaction only when told its
 * block. So: ask plainly; then in the block where a follower saw it; then in the block of one of its unspent outputs.
 * What is confirmed, fully spent and was never followed here is not found on such a node.
 */
export const transactionFinder = (call: RpcClient, view: NodeView): TransactionFinder => {
  const blockOf = new Map<string, string>()

  const located = async (txid: string, blockHash: string | undefined): Promise<FoundTransaction | undefined> => {
    if (blockHash === undefined) return undefined
    const header = await view.header(blockHash)
    if (header === undefined || header.confirmations < 0) return undefined
    const found = await view.transaction(txid, blockHash)
    return found && { tx: found.tx, block: { hash: blockHash, height: header.height } }
  }

  return {
    learn: (hash, block) => {
      for (const tx of block.transactions) {
        const txid = transactionId(tx)
        blockOf.delete(txid)
        blockOf.set(txid, hash)
      }
      for (const oldest of blockOf.keys()) {
        if (blockOf.size <= REMEMBERED_TRANSACTIONS) break
        blockOf.delete(oldest)
      }
    },
    find: async (txid) => {
      const plain = await view.transaction(txid)
      if (plain !== undefined && plain.blockHash === undefined) return { tx: plain.tx }
      return (
        (await located(txid, plain?.blockHash)) ??
        (await located(txid, blockOf.get(txid))) ??
        (await located(txid, (await blockOfUnspent(call, view, txid))?.hash))
      )
    },
  }
}

const blockOfUnspent = async (call: RpcClient, view: NodeView, txid: string): Promise<BlockRef | undefined> => {
  for (let vout = 0; vout < PROBED_OUTPUTS; vout++) {
    const output = await call(outputAnswer, 'gettxout', [txid, vout, false])
    if (output === null) continue
    const best = await view.header(output.bestblock)
    if (best === undefined) return undefined
    const height = best.height - output.confirmations + 1
    const hash = await view.hashAt(height)
    return hash === undefined ? undefined : { hash, height }
  }
  return undefined
}
