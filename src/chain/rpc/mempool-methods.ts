import { z } from 'zod'
import { INCREMENTAL_FEE_RATE, MIN_RELAY_FEE_RATE } from '../xencoind/policy.ts'
import type { Pool, PoolEntry } from '../xencoind/pool.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { toCoins } from './amount.ts'
import { RPC, RpcError } from './error-code.ts'
import { hashArg, type RpcMethod, rpcMethod } from './method.ts'
import { poolEntryForm } from './pool-form.ts'

const MAX_CONFIRM_TARGET = 1008
/** Sats per virtual byte as coins per 1000 of them. */
const larger = (a: bigint, b: bigint) => (a > b ? a : b)
const perKvb = (rate: bigint) => toCoins(rate * 1000n)

const entryOf = ({ inside }: Xencoind, txid: string): PoolEntry => {
  const entry = inside.pool.get(txid)
  if (entry === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Transaction not in mempool')
  return entry
}

const listed = (pool: Pool, entries: PoolEntry[], verbose: boolean) =>
  verbose
    ? Object.fromEntries(entries.map((entry) => [entry.txid, poolEntryForm(pool, entry)]))
    : entries.map(({ txid }) => txid)

const familyArgs = { txid: hashArg('parameter 1'), verbose: z.boolean().default(false) }
const outPointArg = z.strictObject({ txid: hashArg('txid'), vout: z.number().int().nonnegative().max(0xffffffff) })

export const mempoolMethods: Record<string, RpcMethod> = {
  getrawmempool: rpcMethod(
    'getrawmempool ( verbose mempool_sequence ): ids of the mempool, parents before children',
    { verbose: z.boolean().default(false), mempool_sequence: z.boolean().default(false) },
    (args, { node }) => {
      const { pool } = node.inside
      if (args.verbose && args.mempool_sequence)
        throw new RpcError(RPC.invalidParameter, 'Verbose results cannot contain mempool sequence values.')
      if (!args.mempool_sequence) return listed(pool, pool.all(), args.verbose)
      return { txids: pool.all().map(({ txid }) => txid), mempool_sequence: (pool.all().at(-1)?.seq ?? 0) + 1 }
    },
  ),
  getmempoolentry: rpcMethod('getmempoolentry "txid": one entry', { txid: hashArg('parameter 1') }, (args, { node }) =>
    poolEntryForm(node.inside.pool, entryOf(node, args.txid)),
  ),
  getmempoolancestors: rpcMethod(
    'getmempoolancestors "txid" ( verbose ): what must be in a block before it',
    familyArgs,
    (args, { node }) => {
      const { pool } = node.inside
      return listed(pool, [...pool.ancestors(entryOf(node, args.txid)).values()], args.verbose)
    },
  ),
  getmempooldescendants: rpcMethod(
    'getmempooldescendants "txid" ( verbose ): what falls with it',
    familyArgs,
    (args, { node }) => {
      const { pool } = node.inside
      return listed(pool, [...pool.descendants(entryOf(node, args.txid)).values()], args.verbose)
    },
  ),
  getmempoolinfo: rpcMethod('getmempoolinfo: size and fees of the mempool', {}, (_, { node }) => {
    const { pool, leastFeeRate, maxPoolBytes } = node.inside
    return {
      loaded: true,
      size: pool.size,
      bytes: pool.totalVsize,
      usage: pool.usageBytes,
      total_fee: toCoins(pool.all().reduce((sum, { fee }) => sum + fee, 0n)),
      maxmempool: maxPoolBytes,
      mempoolminfee: toCoins(larger(leastFeeRate(), MIN_RELAY_FEE_RATE * 1000n)),
      minrelaytxfee: perKvb(MIN_RELAY_FEE_RATE),
      incrementalrelayfee: perKvb(INCREMENTAL_FEE_RATE),
      unbroadcastcount: 0,
      fullrbf: true,
    }
  }),
  gettxspendingprevout: rpcMethod(
    'gettxspendingprevout [{"txid":"hex","vout":n},...]: which transaction of the mempool spends each output',
    { outputs: z.array(outPointArg).max(1000) },
    ({ outputs }, { node }) => {
      if (outputs.length === 0) throw new RpcError(RPC.invalidParameter, 'Invalid parameter, outputs are missing')
      return outputs.map((point) => {
        const spender = node.inside.pool.spender(point)
        return { ...point, ...(spender && { spendingtxid: spender.txid }) }
      })
    },
  ),
  estimatesmartfee: rpcMethod(
    'estimatesmartfee conf_target ( "estimate_mode" ): coins per 1000 virtual bytes, or why that cannot be told yet',
    { conf_target: z.number().int(), estimate_mode: z.string().default('economical') },
    (args, { node }) => {
      if (args.conf_target < 1 || args.conf_target > MAX_CONFIRM_TARGET)
        throw new RpcError(RPC.invalidParameter, `Invalid conf_target, must be between 1 and ${MAX_CONFIRM_TARGET}`)
      const rate = node.inside.estimateFee(args.conf_target)
      if (rate === undefined) return { errors: ['Insufficient data or no feerate found'], blocks: 0 }
      return { feerate: toCoins(BigInt(Math.ceil(rate * 1000))), blocks: args.conf_target }
    },
  ),
  prioritisetransaction: rpcMethod(
    'prioritisetransaction "txid" ( dummy ) fee_delta: counts a transaction as paying that many sats more, when blocks are made',
    { txid: hashArg('txid'), dummy: z.number().optional(), fee_delta: z.number().int() },
    (args, { node }) => {
      if (args.dummy !== undefined && args.dummy !== 0)
        throw new RpcError(
          RPC.invalidParameter,
          'Priority is no longer supported, dummy argument to prioritisetransaction must be 0.',
        )
      node.inside.pool.prioritise(args.txid, BigInt(args.fee_delta))
      return true
    },
  ),
  getprioritisedtransactions: rpcMethod(
    'getprioritisedtransactions: what prioritisetransaction was asked for',
    {},
    (_, { node: { inside } }) =>
      Object.fromEntries(
        [...inside.pool.priorities()].map(([txid, delta]) => {
          const entry = inside.pool.get(txid)
          return [
            txid,
            {
              fee_delta: Number(delta),
              in_mempool: entry !== undefined,
              ...(entry && { modified_fee: Number(inside.pool.modifiedFee(entry)) }),
            },
          ]
        }),
      ),
  ),
}
