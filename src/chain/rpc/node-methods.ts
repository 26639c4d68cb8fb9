import { z } from 'zod'
import { toHex } from '../../../domain/bytes.ts'
import { decodeAddress } from '../../../domain/chain/address.ts'
import { decodeBlock } from '../../../domain/chain/codec.ts'
import type { Network } from '../../../domain/chain/network.ts'
import { isP2sh, witnessProgram } from '../../../domain/chain/script.ts'
import { Fault } from '../../../domain/fault.ts'
import { MIN_RELAY_FEE_RATE } from '../xencoind/policy.ts'
import { toCoins } from './amount.ts'
import { RPC, RpcError } from './error-code.ts'
import { deserialized, hashArg, type RpcMethod, rpcMethod } from './method.ts'

export const MAX_GENERATED_BLOCKS = 10_000
const addressArg = z.string().max(100)

export const nodeMethods: Record<string, RpcMethod> = {
  generatetoaddress: rpcMethod(
    'generatetoaddress nblocks address ( maxtries ): makes blocks now',
    {
      nblocks: z.number().int().min(0).max(MAX_GENERATED_BLOCKS),
      address: addressArg,
      maxtries: z.number().optional(),
    },
    (args, { node }) => {
      const script = scriptOf(node.network, args.address)
      if (script === undefined) throw new RpcError(RPC.invalidAddressOrKey, 'Error: Invalid address')
      return node.mine(args.nblocks, script)
    },
  ),
  submitblock: rpcMethod(
    'submitblock hexdata: takes a block; null when it was taken, or why not',
    { hexdata: z.string().max(8_000_000), dummy: z.unknown().optional() },
    async (args, { node }) => {
      const submitted = await node.submitBlock(deserialized(args.hexdata, decodeBlock))
      return 'reject' in submitted ? submitted.reject : null
    },
  ),
  invalidateblock: rpcMethod(
    'invalidateblock blockhash: treats a block and all on it as invalid',
    { blockhash: hashArg },
    async (args, { node }) => {
      if ((await node.block(args.blockhash)) === undefined)
        throw new RpcError(RPC.invalidAddressOrKey, 'Block not found')
      await node.invalidateBlock(args.blockhash)
      return null
    },
  ),
  validateaddress: rpcMethod(
    'validateaddress address: whether it is one of this network, and its script',
    { address: addressArg },
    (args, { node }) => {
      const script = scriptOf(node.network, args.address)
      if (script === undefined) return { isvalid: false, error: 'Invalid or unsupported address', error_locations: [] }
      const program = witnessProgram(script)
      return {
        isvalid: true,
        address: args.address,
        scriptPubKey: toHex(script),
        isscript: isP2sh(script) || program?.program.length === 32,
        iswitness: program !== undefined,
        ...(program && { witness_version: program.version, witness_program: toHex(program.program) }),
      }
    },
  ),
  getnetworkinfo: rpcMethod('getnetworkinfo: what this node is', {}, () => ({
    version: 10_000,
    subversion: '/xencoind:0.1.0/',
    protocolversion: 70016,
    localrelay: true,
    networkactive: false,
    connections: 0,
    connections_in: 0,
    connections_out: 0,
    networks: [],
    relayfee: toCoins(MIN_RELAY_FEE_RATE * 1000n),
    incrementalfee: toCoins(MIN_RELAY_FEE_RATE * 1000n),
    localaddresses: [],
    warnings: [],
  })),
  uptime: rpcMethod('uptime: seconds since the start', {}, (_, { node }) =>
    Math.floor((node.inside.clock.steadyUs() - node.inside.startedAtUs) / 1e6),
  ),
  stop: rpcMethod('stop: ends the node', {}, (_, { stop }) => {
    stop()
    return 'xencoind stopping'
  }),
}

const scriptOf = (network: Network, address: string): Uint8Array | undefined => {
  try {
    return decodeAddress(network, address)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
