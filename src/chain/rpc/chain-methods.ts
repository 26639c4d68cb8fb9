import { z } from 'zod'
import type { BlockEntry } from '../xencoind/block-table.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { toCoins } from './amount.ts'
import { entryOf, tipOf } from './block-methods.ts'
import { coinStatistics } from './coin-statistics.ts'
import { deploymentsForm } from './deployments.ts'
import { RPC, RpcError } from './error-code.ts'
import { hex256, workForm } from './header-form.ts'
import { hashArg, type RpcMethod, rpcMethod } from './method.ts'

/** As Bitcoin's clients know it; a network of our own says its own name. */
export const chainMethods: Record<string, RpcMethod> = {
  getblockchaininfo: rpcMethod('getblockchaininfo: state of the chain', {}, (_, { node, peers }) => {
    const tip = tipOf(node)
    const headers = Math.max(node.inside.store.blocks.best()!.height, peers?.bestHeight() ?? 0)
    return {
      chain: node.network.name,
      blocks: tip.height,
      headers,
      bestblockhash: tip.hash,
      ...workForm(tip.header),
      time: tip.header.time,
      mediantime: node.inside.medianTime(tip),
      verificationprogress: progressOf(node, tip, headers),
      initialblockdownload: node.inside.initialDownload(),
      chainwork: hex256(tip.work),
      size_on_disk: node.inside.store.sizeBytes(),
      pruned: false,
      warnings: [],
    }
  }),
  getdifficulty: rpcMethod(
    'getdifficulty: how much harder than the easiest target',
    {},
    (_, { node }) => workForm(tipOf(node).header).difficulty,
  ),
  getchaintips: rpcMethod('getchaintips: the ends of all branches', {}, (_, { node }) => {
    const { blocks } = node.inside.store
    const tips = new Map([tipOf(node), ...blocks.leaves()].map((entry) => [entry.hash, entry]))
    return [...tips.values()].sort((a, b) => b.height - a.height || b.seq - a.seq).map((entry) => tipForm(node, entry))
  }),
  getdeploymentinfo: rpcMethod(
    'getdeploymentinfo ( "blockhash" ): which rules are law after a block',
    { blockhash: hashArg('blockhash').optional() },
    (args, { node }) => {
      const { hash, height } = args.blockhash === undefined ? tipOf(node) : entryOf(node, args.blockhash)
      return { hash, height, deployments: deploymentsForm(height) }
    },
  ),
  gettxoutsetinfo: rpcMethod(
    'gettxoutsetinfo ( "hash_type" ): the unspent outputs counted; hash_type hash_serialized_3 or none',
    {
      hash_type: z.string().default('hash_serialized_3'),
      hash_or_height: z.unknown().optional(),
      use_index: z.boolean().optional(),
    },
    (args, { node }) => {
      if (args.hash_or_height !== undefined)
        throw new RpcError(RPC.invalidParameter, 'Querying specific block heights requires coinstatsindex')
      if (args.hash_type !== 'hash_serialized_3' && args.hash_type !== 'none')
        throw new RpcError(RPC.invalidParameter, `'${args.hash_type}' is not a valid hash_type`)
      const { store } = node.inside
      const tip = tipOf(node)
      const found = coinStatistics(store.coins, args.hash_type === 'hash_serialized_3')
      return {
        height: tip.height,
        bestblock: tip.hash,
        txouts: found.coins,
        bogosize: found.bogoSize,
        ...(found.hash === undefined ? {} : { hash_serialized_3: found.hash }),
        total_amount: toCoins(found.total),
        transactions: found.transactions,
        disk_size: store.sizeBytes(),
      }
    },
  ),
  invalidateblock: rpcMethod(
    'invalidateblock "blockhash": treats a block and all on it as invalid',
    { blockhash: hashArg('blockhash') },
    async (args, { node }) => {
      if (entryOf(node, args.blockhash).height === 0)
        throw new RpcError(RPC.invalidParameter, 'the genesis block cannot be taken out')
      await node.invalidateBlock(args.blockhash)
      return null
    },
  ),
  reconsiderblock: rpcMethod(
    'reconsiderblock "blockhash": judges a block, and those before and after it, anew',
    { blockhash: hashArg('blockhash') },
    async (args, { node }) => {
      await node.reconsiderBlock(entryOf(node, args.blockhash).hash)
      return null
    },
  ),
}

/** Seconds that a header may be off the clock and still be taken as of now (Core). */
const RECENT_S = 2 * 3600

/** Blocks here over blocks that there should be by now: by the headers when they are of now, else by the time since the tip. */
const progressOf = ({ inside: { clock }, network }: Xencoind, tip: BlockEntry, headers: number): number => {
  const ageS = clock.now() / 1000 - tip.header.time
  const byClock = Math.abs(ageS) < RECENT_S ? 0 : Math.max(0, ageS / network.spacingS)
  const behind = Math.max(headers - tip.height, byClock)
  return (tip.height + 1) / (tip.height + 1 + behind)
}

const tipForm = (node: Xencoind, tip: BlockEntry) => {
  const { active, blocks } = node.inside.store
  let fork = tip
  while (!active.has(fork)) fork = blocks.get(fork.header.previous)!
  return { height: tip.height, hash: tip.hash, branchlen: tip.height - fork.height, status: statusOf(node, tip, fork) }
}

const statusOf = ({ inside: { store } }: Xencoind, tip: BlockEntry, fork: BlockEntry): string => {
  if (tip === fork) return 'active'
  if (store.blocks.isInvalid(tip.hash)) return 'invalid'
  return store.blocks.undo(tip) === undefined ? 'valid-headers' : 'valid-fork'
}
