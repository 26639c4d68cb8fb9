import { z } from 'zod'
import { toHex } from '../../../domain/bytes.ts'
import { blockWeight, strippedBlockSize } from '../../../domain/chain/check-block.ts'
import { encodeHeader, transactionId } from '../../../domain/chain/codec.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { RPC, RpcError } from './error-code.ts'
import { headerForm } from './header-form.ts'
import { hashArg, heightArg, type RpcMethod, rpcMethod, verbosityArg } from './method.ts'
import { spentCoins } from './spent-coins.ts'
import { transactionForm } from './transaction-form.ts'

/** The longest that a `waitfor…` call waits when the caller says 0. */
export const LONGEST_BLOCK_WAIT_MS = 600_000

/** The active chain's last block: there is always one. */
export const tipOf = ({ inside }: Xencoind): BlockEntry => inside.store.active.tip()!

/** @throws RpcError -5 */
export const entryOf = ({ inside }: Xencoind, hash: string): BlockEntry => {
  const entry = inside.store.blocks.get(hash)
  if (entry === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Block not found')
  return entry
}

const timeoutArg = z.number().int().default(0)

const waitUntil = async (node: Xencoind, signal: AbortSignal, timeoutMs: number, holds: () => boolean) => {
  if (timeoutMs < 0) throw new RpcError(RPC.misc, 'Negative timeout')
  const limit = AbortSignal.timeout(Math.min(timeoutMs || LONGEST_BLOCK_WAIT_MS, LONGEST_BLOCK_WAIT_MS))
  const ended = AbortSignal.any([signal, limit])
  while (!holds() && !ended.aborted) await node.inside.change.wait(ended)
  return { hash: tipOf(node).hash, height: tipOf(node).height }
}

export const blockMethods: Record<string, RpcMethod> = {
  getblockcount: rpcMethod('getblockcount: height of the tip', {}, (_, { node }) => tipOf(node).height),
  getbestblockhash: rpcMethod('getbestblockhash: hash of the tip', {}, (_, { node }) => tipOf(node).hash),
  getblockhash: rpcMethod('getblockhash height: hash in the active chain', { height: heightArg }, (args, { node }) => {
    const entry = args.height < 0 ? undefined : node.inside.store.active.at(args.height)
    if (entry === undefined) throw new RpcError(RPC.invalidParameter, 'Block height out of range')
    return entry.hash
  }),
  getblockheader: rpcMethod(
    'getblockheader "blockhash" ( verbose ): a header as JSON, or its 80 bytes in hex',
    { blockhash: hashArg('hash'), verbose: z.boolean().default(true) },
    (args, { node }) => {
      const entry = entryOf(node, args.blockhash)
      return args.verbose ? headerForm(node, entry) : toHex(encodeHeader(entry.header))
    },
  ),
  getblock: rpcMethod(
    'getblock "blockhash" ( verbosity ): 0 bytes in hex, 1 with txids, 2 with transactions, 3 with what they spent',
    { blockhash: hashArg('blockhash'), verbosity: verbosityArg.default(1) },
    (args, { node }) => {
      const entry = entryOf(node, args.blockhash)
      const { store } = node.inside
      if (args.verbosity <= 0) return toHex(store.blocks.bytes(entry))
      const block = store.blocks.block(entry)
      const spent = args.verbosity >= 2 ? spentCoins(store, entry, block) : undefined
      return {
        ...headerForm(node, entry),
        strippedsize: strippedBlockSize(block),
        size: entry.sizeBytes,
        weight: blockWeight(block),
        tx: block.transactions.map((tx, i) =>
          args.verbosity === 1
            ? transactionId(tx)
            : transactionForm(node.network, tx, { spent: spent?.[i], prevouts: args.verbosity >= 3 }),
        ),
      }
    },
  ),
  waitfornewblock: rpcMethod(
    'waitfornewblock ( timeoutMs "current_tip" ): answers when the tip changes, or at the limit',
    { timeout: timeoutArg, current_tip: hashArg('current_tip').optional() },
    (args, { node, signal }) => {
      const before = args.current_tip ?? tipOf(node).hash
      return waitUntil(node, signal, args.timeout, () => tipOf(node).hash !== before)
    },
  ),
  waitforblock: rpcMethod(
    'waitforblock "blockhash" ( timeoutMs ): answers when that block is the tip, or at the limit',
    { blockhash: hashArg('blockhash'), timeout: timeoutArg },
    (args, { node, signal }) => waitUntil(node, signal, args.timeout, () => tipOf(node).hash === args.blockhash),
  ),
  waitforblockheight: rpcMethod(
    'waitforblockheight height ( timeoutMs ): answers when the chain is that high, or at the limit',
    { height: heightArg, timeout: timeoutArg },
    (args, { node, signal }) => waitUntil(node, signal, args.timeout, () => tipOf(node).height >= args.height),
  ),
}
