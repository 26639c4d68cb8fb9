import type { z } from 'zod'
import type { Block } from '../../../domain/chain/block.ts'
import { decodeBlock, decodeTransaction, headerHash, transactionId } from '../../../domain/chain/codec.ts'
import type { Transaction } from '../../../domain/chain/transaction.ts'
import { Fault } from '../../../domain/fault.ts'
import { bytesAnswer, hashAnswer, headerAnswer, transactionAnswer } from './answer.ts'
import type { RpcClient } from './client.ts'
import { RPC, RpcError } from './error-code.ts'

export type HeaderInfo = z.output<typeof headerAnswer>

/** What a node says of its chain, decoded and checked against the hashes asked for. Absent things are undefined. */
export interface NodeView {
  header(hash: string, signal?: AbortSignal): Promise<HeaderInfo | undefined>
  hashAt(height: number): Promise<string | undefined>
  block(hash: string, signal?: AbortSignal): Promise<Block | undefined>
  /** `inBlock` helps a node without a transaction index. */
  transaction(txid: string, inBlock?: string): Promise<{ tx: Transaction; blockHash?: string } | undefined>
}

export const nodeView = (call: RpcClient): NodeView => ({
  header: (hash, signal) => unlessAbsent(() => call(headerAnswer, 'getblockheader', [hash], signal)),
  hashAt: (height) => unlessAbsent(() => call(hashAnswer, 'getblockhash', [height])),
  block: (hash, signal) =>
    unlessAbsent(async () => {
      const block = decoded(await call(bytesAnswer, 'getblock', [hash, 0], signal), decodeBlock)
      if (headerHash(block.header) !== hash) throw badAnswer(`block ${hash} has another hash`)
      return block
    }),
  transaction: (txid, inBlock) =>
    unlessAbsent(async () => {
      const params = inBlock === undefined ? [txid, true] : [txid, true, inBlock]
      const { hex, blockhash } = await call(transactionAnswer, 'getrawtransaction', params)
      const tx = decoded(hex, decodeTransaction)
      if (transactionId(tx) !== txid) throw badAnswer(`transaction ${txid} has another id`)
      return blockhash === undefined ? { tx } : { tx, blockHash: blockhash }
    }),
})

const ABSENT: readonly number[] = [RPC.invalidAddressOrKey, RPC.invalidParameter]

const unlessAbsent = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RpcError && ABSENT.includes(error.code)) return undefined
    throw error
  }
}

const decoded = <T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T => {
  try {
    return decode(bytes)
  } catch (cause) {
    throw badAnswer('bytes that are not what was asked for', cause)
  }
}

const badAnswer = (what: string, cause?: unknown): Fault =>
  new Fault('chain.bad-answer', `the node answered with ${what}`, {
    culprit: 'chain',
    next: 'Check that the RPC address is that of a Bitcoin-format node of this network.',
    cause,
  })
