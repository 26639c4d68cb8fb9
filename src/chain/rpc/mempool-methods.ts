import { z } from 'zod'
import { MAX_POOL_VBYTES } from '../xencoind/admission.ts'
import { MIN_RELAY_FEE_RATE } from '../xencoind/policy.ts'
import type { Pool, PoolEntry } from '../xencoind/pool.ts'
import { toCoins } from './amount.ts'
import { RPC, RpcError } from './error-code.ts'
import { hashArg, type RpcMethod, rpcMethod } from './method.ts'

const MIN_FEE_COINS_PER_KVB = toCoins(MIN_RELAY_FEE_RATE * 1000n)

export const mempoolMethods: Record<string, RpcMethod> = {
  getrawmempool: rpcMethod(
    'getrawmempool ( verbose mempool_sequence ): ids of the mempool, parents before children',
    { verbose: z.boolean().default(false), mempool_sequence: z.boolean().default(false) },
    (args, { node }) => {
      const { pool } = node.inside
      if (args.verbose) return Object.fromEntries(pool.all().map((entry) => [entry.txid, entryForm(pool, entry)]))
      const txids = pool.all().map(({ txid }) => txid)
      return args.mempool_sequence ? { txids, mempool_sequence: pool.all().at(-1)?.seq ?? 0 } : txids
    },
  ),
  getmempoolentry: rpcMethod('getmempoolentry txid: one entry', { txid: hashArg }, (args, { node }) => {
    const entry = node.inside.pool.get(args.txid.toLowerCase())
    if (entry === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Transaction not in mempool')
    return entryForm(node.inside.pool, entry)
  }),
  getmempoolinfo: rpcMethod('getmempoolinfo: size and fees of the mempool', {}, (_, { node }) => {
    const { pool } = node.inside
    return {
      loaded: true,
      size: pool.size,
      bytes: pool.totalVsize,
      usage: pool.totalVsize,
      total_fee: toCoins(pool.all().reduce((sum, { fee }) => sum + fee, 0n)),
      maxmempool: MAX_POOL_VBYTES,
      mempoolminfee: MIN_FEE_COINS_PER_KVB,
      minrelaytxfee: MIN_FEE_COINS_PER_KVB,
      incrementalrelayfee: MIN_FEE_COINS_PER_KVB,
      unbroadcastcount: 0,
      fullrbf: false,
    }
  }),
  estimatesmartfee: rpcMethod(
    'estimatesmartfee conf_target ( estimate_mode ): coins per 1000 virtual bytes',
    { conf_target: z.number().int().min(1).max(1008), estimate_mode: z.string().optional() },
    async (args, { node }) => ({
      feerate: Math.ceil((await node.feeRate(args.conf_target)) * 1000) / 1e8,
      blocks: args.conf_target,
    }),
  ),
}

const entryForm = (pool: Pool, entry: PoolEntry) => {
  const ancestors = [...pool.ancestors(entry).values(), entry]
  const descendants = [...pool.descendants(entry).values(), entry]
  const feesOf = (entries: PoolEntry[]) => toCoins(entries.reduce((sum, { fee }) => sum + fee, 0n))
  const vsizeOf = (entries: PoolEntry[]) => entries.reduce((sum, { vsize }) => sum + vsize, 0)
  return {
    vsize: entry.vsize,
    weight: entry.weight,
    time: Math.floor(entry.enteredAt / 1000),
    descendantcount: descendants.length,
    descendantsize: vsizeOf(descendants),
    ancestorcount: ancestors.length,
    ancestorsize: vsizeOf(ancestors),
    wtxid: entry.wtxid,
    fees: {
      base: toCoins(entry.fee),
      modified: toCoins(entry.fee),
      ancestor: feesOf(ancestors),
      descendant: feesOf(descendants),
    },
    depends: pool.parents(entry).map(({ txid }) => txid),
    spentby: pool.children(entry).map(({ txid }) => txid),
    'bip125-replaceable': false,
    unbroadcast: false,
  }
}
