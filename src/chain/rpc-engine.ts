import { toHex } from '../../domain/bytes.ts'
import { encodeAddress } from '../../domain/chain/address.ts'
import type { BlockRef } from '../../domain/chain/block.ts'
import { encodeTransaction, headerHash, transactionId } from '../../domain/chain/codec.ts'
import { genesisBlock } from '../../domain/chain/genesis.ts'
import type { Network } from '../../domain/chain/network.ts'
import type { OutPoint, Transaction } from '../../domain/chain/transaction.ts'
import { Fault } from '../../domain/fault.ts'
import type { Clock } from '../clock/port.ts'
import { type ChainEngine, type ChainEvent, Rejected, type Unspent } from './port.ts'
import { fromCoins } from './rpc/amount.ts'
import { chainInfoAnswer, feeAnswer, hashAnswer, hashesAnswer, mempoolInfoAnswer, outputAnswer } from './rpc/answer.ts'
import { type RpcAuth, type RpcClient, rpcClient } from './rpc/client.ts'
import { RPC, RpcError } from './rpc/error-code.ts'
import { transactionFinder } from './rpc/find-transaction.ts'
import { followNode } from './rpc/follow-node.ts'
import { type NodeView, nodeView } from './rpc/node-view.ts'
import { spentByBlock } from './rpc/spent-by-block.ts'

/** How often a follower asks for news. Loopback: two small calls. */
export const RPC_POLL_MS = 250

export type RpcEngineOptions = {
  readonly network: Network
  /** `http://127.0.0.1:28554/` */
  readonly url: string
  readonly auth: RpcAuth
  readonly clock: Clock
  readonly pollMs?: number
}

/**
 * A node reached over bitcoind's JSON-RPC: `xencoind`, or any bitcoind (see `rpc/find-transaction.ts` for one without
 * `-txindex`).
 *
 * @throws Fault `chain.unreachable`, `chain.not-authorised`, `chain.wrong-network` when its genesis block is another
 */
export const openRpcEngine = async (options: RpcEngineOptions): Promise<ChainEngine> => {
  const { network, url, clock, pollMs = RPC_POLL_MS } = options
  const closing = new AbortController()
  const raw = rpcClient(options)
  const call: RpcClient = (schema, method, params, signal) =>
    raw(schema, method, params, signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]))
  const view = nodeView(call)
  const finder = transactionFinder(call, view)
  await checkNetwork(view, network, url)

  const learned = async (hash: string) => {
    const block = await view.block(hash)
    if (block !== undefined) finder.learn(hash, block)
    return block
  }

  async function* follow(cursor: BlockRef | undefined, signal: AbortSignal): AsyncGenerator<ChainEvent, void> {
    const ended = AbortSignal.any([signal, closing.signal])
    try {
      for await (const event of followNode({ call, view, clock, pollMs }, cursor, ended)) {
        if (event.kind === 'connected') finder.learn(event.hash, event.block)
        yield event
        if (ended.aborted) return
      }
    } catch (error) {
      // The follower's own end is no failure.
      if (!ended.aborted) throw error
    }
  }

  return {
    network,
    description: `node at ${new URL(url).host}`,
    tip: async () => {
      const info = await call(chainInfoAnswer, 'getblockchaininfo')
      return { hash: info.bestblockhash, height: info.blocks }
    },
    blockAt: async (height) => {
      const hash = await view.hashAt(height)
      const block = hash === undefined ? undefined : await learned(hash)
      return hash === undefined || block === undefined ? undefined : { hash, block }
    },
    block: async (hash) => {
      const header = await view.header(hash)
      const block = header === undefined ? undefined : await learned(hash)
      return header === undefined || block === undefined ? undefined : { height: header.height, block }
    },
    spent: (hash) => spentByBlock(call, hash),
    transaction: (txid) => finder.find(txid),
    output: (point) => output(call, view, point),
    mempool: async () => {
      const found: Transaction[] = []
      for (const txid of await call(hashesAnswer, 'getrawmempool')) {
        const entry = await view.transaction(txid)
        if (entry !== undefined && entry.blockHash === undefined) found.push(entry.tx)
      }
      return found
    },
    broadcast: async (tx) => {
      const txid = transactionId(tx)
      try {
        // The fee was decided by the wallet: 0 switches the node's own ceiling off.
        return await call(hashAnswer, 'sendrawtransaction', [toHex(encodeTransaction(tx)), 0])
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        if (error.code === RPC.alreadyInUtxoSet || (await finder.find(txid)) !== undefined) return txid
        throw new Rejected(reasonOf(error.message), txid)
      }
    },
    feeRate: (blocks) => feeRate(call, blocks),
    follow,
    mine: async (count, script) => {
      try {
        return await call(hashesAnswer, 'generatetoaddress', [count, encodeAddress(network, script)])
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        throw new Fault('chain.cannot-mine', `the node at ${url} does not make blocks: ${error.message}`, {
          culprit: 'chain',
          next: 'Use a network that mines on demand (xencoin-dev, regtest).',
          cause: error,
        })
      }
    },
    close: async () => closing.abort(),
  }
}

const checkNetwork = async (view: NodeView, network: Network, url: string): Promise<void> => {
  const genesis = await view.hashAt(0)
  if (genesis === headerHash(genesisBlock(network).header)) return
  throw new Fault('chain.wrong-network', `the node at ${url} is not on ${network.name}`, {
    culprit: 'you',
    next: `Start the node for ${network.name}, or choose the network that it is on.`,
  })
}

const output = async (call: RpcClient, view: NodeView, point: OutPoint): Promise<Unspent | undefined> => {
  const found = await call(outputAnswer, 'gettxout', [point.txid, point.vout, true])
  if (found === null) return undefined
  const unspent = { value: fromCoins(found.value), script: found.scriptPubKey.hex, coinbase: found.coinbase }
  if (found.confirmations === 0) return unspent
  const best = await view.header(found.bestblock)
  return best === undefined ? undefined : { ...unspent, height: best.height - found.confirmations + 1 }
}

/** Core appends details ("dust, tx with dust output must be 0-fee"; "… (code 66)"): the reason is what stands before. */
const reasonOf = (message: string): string => message.split(', ')[0]!.replace(/ \(code \d+\)$/, '')

const feeRate = async (call: RpcClient, blocks: number): Promise<number> => {
  const { feerate } = await call(feeAnswer, 'estimatesmartfee', [Math.max(1, Math.min(1008, blocks))])
  const { mempoolminfee, minrelaytxfee } = await call(mempoolInfoAnswer, 'getmempoolinfo')
  const perKvb = [feerate ?? 0, mempoolminfee, minrelaytxfee].map((coins) => Number(fromCoins(coins)))
  return Math.max(1, ...perKvb.map((sats) => sats / 1000))
}
