import { z } from 'zod'
import { toHex } from '../../../domain/bytes.ts'
import { encodeHeader, strippedSize, transactionId } from '../../../domain/chain/codec.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { RPC, RpcError } from './error-code.ts'
import { difficultyOf, headerForm, transactionForm } from './json-form.ts'
import { hashArg, heightArg, type RpcMethod, rpcMethod, verbosityArg } from './method.ts'

/** The longest that `waitfornewblock` waits when the caller says 0. */
export const LONGEST_BLOCK_WAIT_MS = 600_000

const tipOf = ({ inside }: Xencoind): BlockEntry => inside.store.active.tip()!

const entryOf = ({ inside }: Xencoind, hash: string): BlockEntry => {
  const entry = inside.store.blocks.get(hash.toLowerCase())
  if (entry === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Block not found')
  return entry
}

const HEADER_AND_COUNT_BYTES = 81

export const chainMethods: Record<string, RpcMethod> = {
  getblockchaininfo: rpcMethod('getblockchaininfo: state of the chain', {}, (_, { node }) => {
    const tip = tipOf(node)
    return {
      // Bitcoin's clients know "regtest" by name; a network of our own says its own.
      chain: node.network.name,
      blocks: tip.height,
      headers: tip.height,
      bestblockhash: tip.hash,
      bits: tip.header.bits.toString(16).padStart(8, '0'),
      difficulty: difficultyOf(tip.header),
      time: tip.header.time,
      mediantime: node.inside.medianTime(tip),
      verificationprogress: 1,
      initialblockdownload: false,
      chainwork: tip.work.toString(16).padStart(64, '0'),
      pruned: false,
      warnings: [],
    }
  }),
  getblockcount: rpcMethod('getblockcount: height of the tip', {}, (_, { node }) => tipOf(node).height),
  getbestblockhash: rpcMethod('getbestblockhash: hash of the tip', {}, (_, { node }) => tipOf(node).hash),
  getblockhash: rpcMethod('getblockhash height: hash in the active chain', { height: heightArg }, (args, { node }) => {
    const entry = args.height < 0 ? undefined : node.inside.store.active.at(args.height)
    if (entry === undefined) throw new RpcError(RPC.invalidParameter, 'Block height out of range')
    return entry.hash
  }),
  getblockheader: rpcMethod(
    'getblockheader blockhash ( verbose ): a header as JSON, or its 80 bytes in hex',
    { blockhash: hashArg, verbose: z.boolean().default(true) },
    (args, { node }) => {
      const entry = entryOf(node, args.blockhash)
      return args.verbose ? headerForm(node, entry) : toHex(encodeHeader(entry.header))
    },
  ),
  getblock: rpcMethod(
    'getblock blockhash ( verbosity ): 0 bytes in hex, 1 with txids, 2 with transactions',
    { blockhash: hashArg, verbosity: verbosityArg.default(1) },
    (args, { node }) => {
      const entry = entryOf(node, args.blockhash)
      const { blocks } = node.inside.store
      if (args.verbosity <= 0) return toHex(blocks.bytes(entry))
      const { transactions } = blocks.block(entry)
      const strippedBytes = transactions.reduce((sum, tx) => sum + strippedSize(tx), HEADER_AND_COUNT_BYTES)
      return {
        ...headerForm(node, entry),
        strippedsize: strippedBytes,
        size: entry.sizeBytes,
        weight: strippedBytes * 3 + entry.sizeBytes,
        tx: transactions.map((tx) => (args.verbosity === 1 ? transactionId(tx) : transactionForm(node.network, tx))),
      }
    },
  ),
  waitfornewblock: rpcMethod(
    'waitfornewblock ( timeoutMs ): answers when the tip changes, or at the limit',
    { timeout: z.number().int().nonnegative().default(0), current_tip: hashArg.optional() },
    async (args, { node, signal }) => {
      const before = args.current_tip ?? tipOf(node).hash
      const limit = AbortSignal.timeout(Math.min(args.timeout || LONGEST_BLOCK_WAIT_MS, LONGEST_BLOCK_WAIT_MS))
      const ended = AbortSignal.any([signal, limit])
      while (tipOf(node).hash === before && !ended.aborted) await node.inside.change.wait(ended)
      return { hash: tipOf(node).hash, height: tipOf(node).height }
    },
  ),
}
