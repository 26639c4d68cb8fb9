import { z } from 'zod'
import { subnetOf } from '../p2p/ban-list.ts'
import { OWN_SERVICES } from '../p2p/handshake.ts'
import { parseHostPort } from '../p2p/host-port.ts'
import type { P2p } from '../p2p/p2p.ts'
import type { HostPort } from '../p2p/port.ts'
import { hostPortText } from '../p2p/port.ts'
import { INCREMENTAL_FEE_RATE, MIN_RELAY_FEE_RATE } from '../xencoind/policy.ts'
import { toCoins } from './amount.ts'
import { RPC, RpcError } from './error-code.ts'
import { type RpcContext, type RpcMethod, rpcMethod } from './method.ts'
import { addressOf, networksForm, peerForm, serviceNames, servicesHex } from './peer-form.ts'

const perKvb = (rate: bigint) => toCoins(rate * 1000n)
/** Of bans without a time of their own, seconds (Core: -bantime). */
const USUAL_BAN_S = 24 * 3600
const PROTOCOL_VERSION = 70016

const peersOf = ({ peers }: RpcContext): P2p => {
  if (peers === undefined) throw new RpcError(RPC.p2pDisabled, 'Error: Peer-to-peer functionality missing or disabled')
  return peers
}
const placeOf = ({ node }: RpcContext, text: string): HostPort | undefined => parseHostPort(text, node.network.p2pPort)
const address = z.string().max(300)

export const networkMethods: Record<string, RpcMethod> = {
  getnetworkinfo: rpcMethod('getnetworkinfo: what this node is among others', {}, (_, { peers }) => {
    const all = peers?.peers() ?? []
    const inbound = all.filter(({ direction }) => direction === 'inbound').length
    return {
      version: 10_000,
      subversion: peers?.userAgent ?? '',
      protocolversion: PROTOCOL_VERSION,
      localservices: servicesHex(OWN_SERVICES),
      localservicesnames: serviceNames(OWN_SERVICES),
      localrelay: true,
      timeoffset: 0,
      networkactive: peers !== undefined,
      connections: all.length,
      connections_in: inbound,
      connections_out: all.length - inbound,
      networks: networksForm(),
      relayfee: perKvb(MIN_RELAY_FEE_RATE),
      incrementalfee: perKvb(INCREMENTAL_FEE_RATE),
      localaddresses: [],
      warnings: [],
    }
  }),
  getconnectioncount: rpcMethod(
    'getconnectioncount: peers of this node',
    {},
    (_, context) => peersOf(context).peers().length,
  ),
  getpeerinfo: rpcMethod('getpeerinfo: who they are', {}, (_, context) =>
    peersOf(context)
      .peers()
      .map((peer) => peerForm(peer, context.node)),
  ),
  getnettotals: rpcMethod('getnettotals: bytes to and from peers', {}, (_, context) => {
    const { totals } = peersOf(context)
    return {
      totalbytesrecv: totals.receivedBytes,
      totalbytessent: totals.sentBytes,
      timemillis: context.node.inside.clock.now(),
      uploadtarget: {
        timeframe: 86_400,
        target: 0,
        target_reached: false,
        serve_historical_blocks: true,
        bytes_left_in_cycle: 0,
        time_left_in_cycle: 0,
      },
    }
  }),
  addnode: rpcMethod(
    'addnode "node" "command" ( v2transport ): calls a node: add (again and again), remove, onetry',
    { node: address, command: z.string().max(20), v2transport: z.boolean().optional() },
    ({ node, command, v2transport }, context) => {
      const peers = peersOf(context)
      if (!['add', 'remove', 'onetry'].includes(command)) throw new RpcError(RPC.misc, networkMethods['addnode']!.help)
      if (v2transport === true)
        throw new RpcError(RPC.invalidParameter, 'Error: v2transport requested but not enabled (see -v2transport)')
      const at = placeOf(context, node)
      if (command === 'remove') {
        if (at === undefined || !peers.unname(at))
          throw new RpcError(RPC.nodeNotAdded, 'Error: Node could not be removed. It has not been added previously.')
        return null
      }
      if (at === undefined) throw new RpcError(RPC.invalidParameter, `Error: not an address: ${node}`)
      if (command === 'onetry') peers.callOnce(at)
      else if (!peers.name(at)) throw new RpcError(RPC.nodeAlreadyAdded, 'Error: Node already added')
      return null
    },
  ),
  getaddednodeinfo: rpcMethod(
    'getaddednodeinfo ( "node" ): nodes that were added, and whether they are connected',
    { node: address.optional() },
    ({ node }, context) => {
      const peers = peersOf(context)
      const at = node === undefined ? undefined : placeOf(context, node)
      const named = peers.named().filter((one) => node === undefined || (at && one === hostPortText(at)))
      if (node !== undefined && named.length === 0)
        throw new RpcError(RPC.nodeNotAdded, 'Error: Node has not been added.')
      return named.map((addednode) => {
        const peer = peers.peers().find(({ dialled }) => dialled === addednode)
        const addresses = peer === undefined ? [] : [{ address: addressOf(peer), connected: 'outbound' }]
        return { addednode, connected: peer !== undefined, addresses }
      })
    },
  ),
  disconnectnode: rpcMethod(
    'disconnectnode ( "address" nodeid ): lets a peer go',
    { address: address.default(''), nodeid: z.number().int().optional() },
    ({ address: at, nodeid }, context) => {
      const peers = peersOf(context)
      if ((at === '') === (nodeid === undefined))
        throw new RpcError(RPC.invalidParams, 'Only one of address and nodeid should be provided.')
      const found = peers.disconnect((peer) => (nodeid === undefined ? addressOf(peer) === at : peer.id === nodeid))
      if (!found) throw new RpcError(RPC.nodeNotConnected, 'Node not found in connected nodes')
      return null
    },
  ),
  setban: rpcMethod(
    'setban "subnet" "command" ( bantime absolute ): bans an address or a subnet: add, remove',
    {
      subnet: address,
      command: z.string().max(20),
      bantime: z.number().int().min(0).default(0),
      absolute: z.boolean().default(false),
    },
    (args, context) => {
      const peers = peersOf(context)
      if (args.command !== 'add' && args.command !== 'remove')
        throw new RpcError(RPC.misc, networkMethods['setban']!.help)
      const subnet = subnetOf(args.subnet)
      if (subnet === undefined) throw new RpcError(RPC.invalidIpOrSubnet, 'Error: Invalid IP/Subnet')
      if (args.command === 'remove') {
        if (peers.unban(subnet)) return null
        throw new RpcError(
          RPC.invalidIpOrSubnet,
          'Error: Unban failed. Requested address/subnet was not previously manually banned.',
        )
      }
      const nowS = Math.floor(context.node.inside.clock.now() / 1000)
      if (args.absolute && args.bantime < nowS)
        throw new RpcError(RPC.invalidParameter, 'Error: Absolute timestamp is in the past')
      const untilS = args.absolute ? args.bantime : nowS + (args.bantime || USUAL_BAN_S)
      if (!peers.ban(subnet, untilS)) throw new RpcError(RPC.nodeAlreadyAdded, 'Error: IP/Subnet already banned')
      return null
    },
  ),
  listbanned: rpcMethod('listbanned: addresses that are banned', {}, (_, context) => {
    const nowS = Math.floor(context.node.inside.clock.now() / 1000)
    return peersOf(context)
      .bans()
      .map(({ subnet, createdS, untilS }) => ({
        address: subnet,
        ban_created: createdS,
        banned_until: untilS,
        ban_duration: untilS - createdS,
        time_remaining: untilS - nowS,
      }))
  }),
  clearbanned: rpcMethod('clearbanned: bans nobody any more', {}, (_, context) => {
    peersOf(context).clearBans()
    return null
  }),
  ping: rpcMethod('ping: asks all peers to answer; getpeerinfo tells how long they took', {}, (_, context) => {
    peersOf(context).pingAll()
    return null
  }),
}
