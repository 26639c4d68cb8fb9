import { z } from 'zod'
import { toHex } from '../../../domain/bytes.ts'
import { decodeTransaction, encodeTransaction, transactionId } from '../../../domain/chain/codec.ts'
import { outPointKey, type Transaction } from '../../../domain/chain/transaction.ts'
import { Rejected } from '../port.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { fromCoins, toCoins } from './amount.ts'
import { RPC, RpcError } from './error-code.ts'
import { scriptForm, transactionForm } from './json-form.ts'
import { deserialized, hashArg, hexArg, type RpcMethod, rpcMethod, verbosityArg } from './method.ts'

/** Core's own guard against a mistyped fee, in coins per 1000 virtual bytes; 0 switches it off. */
const DEFAULT_MAX_FEE_RATE = 0.1
export const MAX_TEST_PACKAGE = 25
const feeRateArg = z.union([z.number(), z.string().transform(Number)]).pipe(z.number().min(0).max(1))

const tooExpensive = ({ fee, vsize }: { fee: bigint; vsize: number }, maxCoinsPerKvb: number): boolean =>
  maxCoinsPerKvb > 0 && fee * 1000n > fromCoins(maxCoinsPerKvb) * BigInt(vsize)

export const transactionMethods: Record<string, RpcMethod> = {
  getrawtransaction: rpcMethod(
    'getrawtransaction txid ( verbosity blockhash ): a transaction of the mempool or the chain',
    { txid: hashArg, verbosity: verbosityArg.default(0), blockhash: hashArg.optional() },
    async (args, { node }) => {
      const txid = args.txid.toLowerCase()
      const found =
        args.blockhash === undefined ? await anywhere(node, txid) : inBlock(node, txid, args.blockhash.toLowerCase())
      if (found === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'No such mempool or blockchain transaction.')
      if (args.verbosity <= 0) return toHex(encodeTransaction(found.tx))
      const form = transactionForm(node.network, found.tx)
      const entry = found.blockHash === undefined ? undefined : node.inside.store.blocks.get(found.blockHash)
      if (entry === undefined) return form
      const { active } = node.inside.store
      const confirmations = active.has(entry) ? active.tip()!.height - entry.height + 1 : 0
      const { time } = entry.header
      return {
        in_active_chain: confirmations > 0,
        ...form,
        blockhash: entry.hash,
        confirmations,
        time,
        blocktime: time,
      }
    },
  ),
  sendrawtransaction: rpcMethod(
    'sendrawtransaction hexstring ( maxfeerate maxburnamount ): gives a transaction to the network',
    { hexstring: hexArg, maxfeerate: feeRateArg.default(DEFAULT_MAX_FEE_RATE), maxburnamount: z.unknown().optional() },
    async (args, { node }) => {
      const tx = deserialized(args.hexstring, decodeTransaction)
      const { pool } = node.inside
      const txid = transactionId(tx)
      if (pool.get(txid) !== undefined) return txid
      if (tx.outputs.some((_, vout) => node.inside.store.coins.get(outPointKey({ txid, vout })) !== undefined))
        throw new RpcError(RPC.alreadyInUtxoSet, 'Transaction outputs already in utxo set')
      const verdict = node.inside.check(tx)
      if ('fee' in verdict && tooExpensive(verdict, args.maxfeerate))
        throw new RpcError(RPC.verify, 'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)')
      if ('reject' in verdict) throw refused(verdict.reject)
      try {
        return await node.broadcast(tx)
      } catch (error) {
        if (error instanceof Rejected) throw refused(error.reason)
        throw error
      }
    },
  ),
  testmempoolaccept: rpcMethod(
    'testmempoolaccept [rawtx] ( maxfeerate ): what sendrawtransaction would say, one at a time',
    { rawtxs: z.array(hexArg).min(1).max(MAX_TEST_PACKAGE), maxfeerate: feeRateArg.default(DEFAULT_MAX_FEE_RATE) },
    ({ rawtxs, maxfeerate }, { node }) =>
      rawtxs.map((hex) => testForm(node, deserialized(hex, decodeTransaction), maxfeerate)),
  ),
  gettxout: rpcMethod(
    'gettxout txid n ( include_mempool ): an unspent output, or null',
    { txid: hashArg, n: z.number().int().nonnegative().max(0xffffffff), include_mempool: z.boolean().default(true) },
    async (args, { node }) => {
      const point = { txid: args.txid.toLowerCase(), vout: args.n }
      const found = args.include_mempool ? await node.output(point) : node.inside.store.coins.get(outPointKey(point))
      const tip = node.inside.store.active.tip()!
      if (found === undefined) return null
      return {
        bestblock: tip.hash,
        confirmations: found.height === undefined ? 0 : tip.height - found.height + 1,
        value: toCoins(found.value),
        scriptPubKey: scriptForm(node.network, found.script),
        coinbase: found.coinbase,
      }
    },
  ),
}

type Found = { tx: Transaction; blockHash?: string }

const anywhere = async (node: Xencoind, txid: string): Promise<Found | undefined> => {
  const found = await node.transaction(txid)
  if (found === undefined) return undefined
  return found.block === undefined ? { tx: found.tx } : { tx: found.tx, blockHash: found.block.hash }
}

const inBlock = ({ inside }: Xencoind, txid: string, hash: string): Found | undefined => {
  const entry = inside.store.blocks.get(hash)
  if (entry === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Block hash not found')
  const tx = inside.store.blocks.block(entry).transactions.find((one) => transactionId(one) === txid)
  return tx && { tx, blockHash: hash }
}

/** Core tells a missing input apart from all other refusals by its code. */
const refused = (reason: string): RpcError =>
  new RpcError(reason === 'bad-txns-inputs-missingorspent' ? RPC.verify : RPC.verifyRejected, reason)

const testForm = (node: Xencoind, tx: Transaction, maxFeeRate: number) => {
  const ids = transactionForm(node.network, tx)
  const base = { txid: ids.txid, wtxid: ids.hash }
  const verdict = node.inside.check(tx)
  // Core says this one differently when only asked.
  if ('reject' in verdict) {
    const reason = verdict.reject === 'bad-txns-inputs-missingorspent' ? 'missing-inputs' : verdict.reject
    return { ...base, allowed: false, 'reject-reason': reason }
  }
  if (tooExpensive(verdict, maxFeeRate)) return { ...base, allowed: false, 'reject-reason': 'max-fee-exceeded' }
  return { ...base, allowed: true, vsize: verdict.vsize, fees: { base: toCoins(verdict.fee) } }
}
