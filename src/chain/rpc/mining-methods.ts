import { z } from 'zod'
import { decodeBlock, headerHash } from '../../../domain/chain/codec.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { scriptOf } from './any-address.ts'
import { tipOf } from './block-methods.ts'
import { RPC, RpcError } from './error-code.ts'
import { workForm } from './header-form.ts'
import { deserialized, hexArg, type RpcMethod, rpcMethod } from './method.ts'
import { longPoll, templateForm, templateRequest } from './template-form.ts'

export const MAX_GENERATED_BLOCKS = 10_000
/** Blocks over which the hash rate is told when the caller names none. */
const HASH_RATE_BLOCKS = 120

const decodedBlock = (hex: string) => deserialized(hex, decodeBlock, 'Block decode failed')

export const miningMethods: Record<string, RpcMethod> = {
  generatetoaddress: rpcMethod(
    'generatetoaddress nblocks "address" ( maxtries ): makes blocks now',
    {
      nblocks: z.number().int().min(0).max(MAX_GENERATED_BLOCKS),
      address: z.string().max(1000),
      maxtries: z.number().optional(),
    },
    (args, { node }) => {
      const script = scriptOf(node.network, args.address)
      if (script === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Error: Invalid address')
      return node.mine(args.nblocks, script)
    },
  ),
  getblocktemplate: rpcMethod(
    'getblocktemplate {"rules":["segwit"],…}: what a miner needs to make the next block; or, in mode proposal, what is wrong with one',
    { template_request: templateRequest },
    async ({ template_request: request }, { node, signal }) => {
      if (request.mode === 'proposal') return proposalAnswer(node, request.data)
      if (request.mode !== 'template') throw new RpcError(RPC.invalidParameter, 'Invalid mode')
      if (request.longpollid !== undefined) await longPoll(node, request.longpollid, signal)
      if (request.rules?.includes('segwit') !== true)
        throw new RpcError(
          RPC.invalidParameter,
          'getblocktemplate must be called with the segwit rule set (call with {"rules": ["segwit"]})',
        )
      return templateForm(node)
    },
  ),
  submitblock: rpcMethod(
    'submitblock "hexdata" ( "dummy" ): takes a block; null when it is the new tip, or why not',
    { hexdata: hexArg, dummy: z.unknown().optional() },
    async (args, { node }) => {
      const block = decodedBlock(args.hexdata)
      const { store } = node.inside
      const hash = headerHash(block.header)
      if (store.blocks.get(hash) !== undefined) return store.blocks.isInvalid(hash) ? 'duplicate-invalid' : 'duplicate'
      const submitted = await node.submitBlock(block)
      if ('reject' in submitted) return submitted.reject
      return store.active.has(store.blocks.get(hash)!) ? null : 'inconclusive'
    },
  ),
  getmininginfo: rpcMethod('getmininginfo: what the next block must meet', {}, (_, { node }) => {
    const tip = tipOf(node)
    const next = { bits: node.inside.chain.nextBits(tip) }
    return {
      blocks: tip.height,
      ...workForm(tip.header),
      networkhashps: hashRate(node, HASH_RATE_BLOCKS, -1),
      pooledtx: node.inside.pool.size,
      chain: node.network.name,
      next: { height: tip.height + 1, ...workForm(next) },
      warnings: [],
    }
  }),
  getnetworkhashps: rpcMethod(
    'getnetworkhashps ( nblocks height ): hashes a second that the last blocks took',
    { nblocks: z.number().int().default(HASH_RATE_BLOCKS), height: z.number().int().default(-1) },
    (args, { node }) => hashRate(node, args.nblocks, args.height),
  ),
}

/** Work of the last `blocks` blocks up to `height` over the time between the earliest and the latest of them. */
const hashRate = (node: Xencoind, blocks: number, height: number): number => {
  const { active } = node.inside.store
  const last = height < 0 ? tipOf(node) : (active.at(height) ?? tipOf(node))
  if (last.height === 0) return 0
  const first = active.at(last.height - Math.min(blocks < 1 ? last.height : blocks, last.height))!
  const times: number[] = []
  for (let at = first.height; at <= last.height; at++) times.push(active.at(at)!.header.time)
  const seconds = Math.max(...times) - Math.min(...times)
  return seconds === 0 ? 0 : Number(last.work - first.work) / seconds
}

const proposalAnswer = (node: Xencoind, data: string | undefined): string | null => {
  if (data === undefined) throw new RpcError(RPC.type, 'Missing data String key for proposal')
  const block = decodedBlock(data)
  const { blocks } = node.inside.store
  const hash = headerHash(block.header)
  if (blocks.get(hash) !== undefined) return blocks.isInvalid(hash) ? 'duplicate-invalid' : 'duplicate'
  if (block.header.previous !== tipOf(node).hash) return 'inconclusive-not-best-prevblk'
  return node.inside.propose(block) ?? null
}
