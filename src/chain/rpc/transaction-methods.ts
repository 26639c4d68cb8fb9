import { z } from 'zod'
import { toHex } from '../../../domain/bytes.ts'
import { encodeTransaction, transactionId, witnessId } from '../../../domain/chain/codec.ts'
import type { Coin } from '../../../domain/chain/coin.ts'
import { isUnspendable } from '../../../domain/chain/script.ts'
import { outPointKey, type Transaction } from '../../../domain/chain/transaction.ts'
import { Rejected } from '../port.ts'
import { MISSING } from '../xencoind/admission.ts'
import type { BlockEntry } from '../xencoind/block-table.ts'
import { detailsOf, type Refusal } from '../xencoind/refusal.ts'
import type { Store } from '../xencoind/store.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { fromCoins, toCoins } from './amount.ts'
import { anyTransaction } from './any-transaction.ts'
import { RPC, RpcError } from './error-code.ts'
import { confirmationsOf } from './header-form.ts'
import { deserialized, hashArg, hexArg, type RpcMethod, rpcMethod, verbosityArg } from './method.ts'
import { scriptForm } from './script-form.ts'
import { spentCoins } from './spent-coins.ts'
import { transactionForm } from './transaction-form.ts'

/** Core's own guard against a mistyped fee, in coins per 1000 virtual bytes; 0 switches it off. */
const DEFAULT_MAX_FEE_RATE = 0.1
export const MAX_TEST_PACKAGE = 25
const PACKAGE_SIZE = `Array must contain between 1 and ${MAX_TEST_PACKAGE} transactions.`
const coinsArg = z.union([z.number(), z.string().transform(Number)]).pipe(z.number().min(0).max(21_000_000))
const feeRateArg = coinsArg.pipe(z.number().max(1))

/** Core's hint for bytes that can be read in two ways. */
const WANT_INPUT = 'Make sure the tx has at least one input.'

const tooExpensive = ({ fee, vsize }: { fee: bigint; vsize: number }, maxCoinsPerKvb: number): boolean =>
  maxCoinsPerKvb > 0 && fee * 1000n > fromCoins(maxCoinsPerKvb) * BigInt(vsize)

export const transactionMethods: Record<string, RpcMethod> = {
  getrawtransaction: rpcMethod(
    'getrawtransaction "txid" ( verbosity "blockhash" ): a transaction of the mempool or the chain; 0 its bytes, 1 as JSON, 2 with what it spent',
    { txid: hashArg('parameter 1'), verbosity: verbosityArg.default(0), blockhash: hashArg('parameter 3').optional() },
    async (args, { node }) => {
      const found =
        args.blockhash === undefined ? await anywhere(node, args.txid) : inBlock(node, args.txid, args.blockhash)
      const { tx, entry } = found
      if (args.verbosity <= 0) return toHex(encodeTransaction(tx))
      const { store } = node.inside
      if (entry === undefined) return transactionForm(node.network, tx)
      const spent = args.verbosity < 2 ? undefined : spentBy(store, entry, tx)
      const confirmations = confirmationsOf(node, entry)
      const { time } = entry.header
      return {
        ...(args.blockhash === undefined ? {} : { in_active_chain: confirmations > 0 }),
        ...transactionForm(node.network, tx, { spent, prevouts: true }),
        blockhash: entry.hash,
        ...(confirmations > 0 ? { confirmations, time, blocktime: time } : { confirmations: 0 }),
      }
    },
  ),
  sendrawtransaction: rpcMethod(
    'sendrawtransaction hexstring ( maxfeerate maxburnamount ): gives a transaction to the network',
    { hexstring: hexArg, maxfeerate: feeRateArg.default(DEFAULT_MAX_FEE_RATE), maxburnamount: coinsArg.default(0) },
    async (args, { node }) => {
      const tx = deserialized(args.hexstring, anyTransaction, `TX decode failed. ${WANT_INPUT}`)
      if (tx.outputs.some(({ script, value }) => isUnspendable(script) && value > fromCoins(args.maxburnamount)))
        throw new RpcError(RPC.verify, 'Unspendable output exceeds maximum configured by user (maxburnamount)')
      const { pool } = node.inside
      const txid = transactionId(tx)
      if (pool.get(txid) !== undefined) return txid
      if (tx.outputs.some((_, vout) => node.inside.store.coins.get(outPointKey({ txid, vout })) !== undefined))
        throw new RpcError(RPC.alreadyInUtxoSet, 'Transaction outputs already in utxo set')
      const verdict = node.inside.check(tx)
      if ('entry' in verdict && tooExpensive(verdict.entry, args.maxfeerate))
        throw new RpcError(RPC.verify, 'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)')
      if ('reject' in verdict) throw refused(verdict)
      try {
        return await node.broadcast(tx)
      } catch (error) {
        if (error instanceof Rejected) throw refused({ reject: error.reason })
        throw error
      }
    },
  ),
  testmempoolaccept: rpcMethod(
    'testmempoolaccept ["rawtx",...] ( maxfeerate ): what sendrawtransaction would say, one at a time',
    {
      rawtxs: z.array(hexArg).min(1, PACKAGE_SIZE).max(MAX_TEST_PACKAGE, PACKAGE_SIZE),
      maxfeerate: feeRateArg.default(DEFAULT_MAX_FEE_RATE),
    },
    ({ rawtxs, maxfeerate }, { node }) =>
      rawtxs.map((hex) =>
        testForm(node, deserialized(hex, anyTransaction, `TX decode failed: ${hex} ${WANT_INPUT}`), maxfeerate),
      ),
  ),
  gettxout: rpcMethod(
    'gettxout txid n ( include_mempool ): an unspent output, or null',
    {
      txid: hashArg('txid'),
      n: z.number().int().nonnegative().max(0xffffffff),
      include_mempool: z.boolean().default(true),
    },
    async (args, { node }) => {
      const point = { txid: args.txid, vout: args.n }
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

type Found = { readonly tx: Transaction; readonly entry?: BlockEntry }

const absent = (where: string): RpcError =>
  new RpcError(RPC.invalidAddressOrKey, `${where}. Use gettransaction for wallet transactions.`)

const anywhere = async (node: Xencoind, txid: string): Promise<Found> => {
  const { store } = node.inside
  const genesis = store.blocks.block(store.active.at(0)!)
  if (transactionId(genesis.transactions[0]!) === txid)
    throw new RpcError(
      RPC.invalidAddressOrKey,
      'The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved',
    )
  const found = await node.transaction(txid)
  if (found === undefined) throw absent('No such mempool or blockchain transaction')
  return found.block === undefined ? { tx: found.tx } : { tx: found.tx, entry: store.blocks.get(found.block.hash)! }
}

const inBlock = ({ inside }: Xencoind, txid: string, hash: string): Found => {
  const entry = inside.store.blocks.get(hash)
  if (entry === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Block hash not found')
  const tx = inside.store.blocks.block(entry).transactions.find((one) => transactionId(one) === txid)
  if (tx === undefined) throw absent('No such transaction found in the provided block')
  return { tx, entry }
}

const spentBy = (store: Store, entry: BlockEntry, tx: Transaction): Coin[] | undefined => {
  const block = store.blocks.block(entry)
  const txid = transactionId(tx)
  const at = block.transactions.findIndex((one) => transactionId(one) === txid)
  return spentCoins(store, entry, block)?.[at]
}

/** Core tells a missing input apart from all other refusals by its code. */
const refused = (refusal: Refusal): RpcError =>
  new RpcError(refusal.reject === MISSING ? RPC.verify : RPC.verifyRejected, detailsOf(refusal))

const testForm = (node: Xencoind, tx: Transaction, maxFeeRate: number) => {
  const base = { txid: transactionId(tx), wtxid: witnessId(tx) }
  const verdict = node.inside.check(tx)
  // Core says this one differently when only asked.
  if ('reject' in verdict) {
    if (verdict.reject === MISSING) return { ...base, allowed: false, 'reject-reason': 'missing-inputs' }
    return { ...base, allowed: false, 'reject-reason': verdict.reject, 'reject-details': detailsOf(verdict) }
  }
  const { entry } = verdict
  if (tooExpensive(entry, maxFeeRate)) return { ...base, allowed: false, 'reject-reason': 'max-fee-exceeded' }
  return {
    ...base,
    allowed: true,
    vsize: entry.vsize,
    fees: {
      base: toCoins(entry.fee),
      'effective-feerate': toCoins((entry.fee * 1000n) / BigInt(entry.vsize)),
      'effective-includes': [base.wtxid],
    },
  }
}
