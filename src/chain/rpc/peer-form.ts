import { parseIp } from '../../../domain/chain/wire/ip-text.ts'
import { NET } from '../../../domain/chain/wire/net-address.ts'
import { SERVICE } from '../../../domain/chain/wire/version.ts'
import type { Peer } from '../p2p/peer.ts'
import { type HostPort, hostPortText } from '../p2p/port.ts'
import type { Xencoind } from '../xencoind/xencoind.ts'
import { toCoins } from './amount.ts'

/** As Core names it: where it was called, or whence it called. */
export const addressOf = ({ dialled, connection }: Peer): string => dialled ?? hostPortText(connection.remote)

const NAMES: readonly (readonly [bigint, string])[] = [
  [SERVICE.network, 'NETWORK'],
  [2n, 'GETUTXO'],
  [4n, 'BLOOM'],
  [SERVICE.witness, 'WITNESS'],
  [64n, 'COMPACT_FILTERS'],
  [SERVICE.limited, 'NETWORK_LIMITED'],
  [2048n, 'P2P_V2'],
]

/** Core's names; `UNKNOWN[2^26]` for flags that have none. */
export const serviceNames = (services: bigint): string[] =>
  Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => (services >> BigInt(bit)) & 1n)
    .map((bit) => NAMES.find(([flag]) => flag === 1n << BigInt(bit))?.[1] ?? `UNKNOWN[2^${bit}]`)

export const servicesHex = (services: bigint): string => services.toString(16).padStart(16, '0')

/** Kinds of networks that Core knows: this node reaches two. */
export const networksForm = () =>
  ['ipv4', 'ipv6', 'onion', 'i2p', 'cjdns'].map((name) => {
    const isReached = name === 'ipv4' || name === 'ipv6'
    return { name, limited: !isReached, reachable: isReached, proxy: '', proxy_randomize_credentials: false }
  })

const networkOf = ({ host }: HostPort): string => {
  const ip = parseIp(host)
  if (ip === undefined) return 'not_publicly_routable'
  const isLoopback = ip.net === NET.ipv4 ? ip.bytes[0] === 127 : host === '::1'
  if (isLoopback) return 'not_publicly_routable'
  return ip.net === NET.ipv4 ? 'ipv4' : 'ipv6'
}

const CONNECTION_TYPES = { inbound: 'inbound', outbound: 'outbound-full-relay', manual: 'manual' } as const

const seconds = (ms: number): number => Math.floor(ms / 1000)
const perMessage = (by: ReadonlyMap<string, number>) => Object.fromEntries([...by].sort())

/** One of `getpeerinfo`, in Core's words. */
export const peerForm = (peer: Peer, { inside: { store, clock } }: Xencoind) => {
  const { connection, ping, sync, version } = peer
  const { traffic } = connection
  const best = sync.best ?? sync.told
  const heights = [...sync.requested.keys()].flatMap((hash) => {
    const at = sync.path.indexOf(hash)
    return at < 0 || sync.best === undefined ? [] : [sync.best.height - (sync.path.length - 1 - at)]
  })
  const shared = best === undefined ? -1 : sync.path.length > 0 ? best.height - sync.path.length : best.height
  return {
    id: peer.id,
    addr: addressOf(peer),
    addrbind: hostPortText(connection.local),
    addrlocal: localSeen(peer),
    network: networkOf(connection.remote),
    services: servicesHex(version?.services ?? 0n),
    servicesnames: serviceNames(version?.services ?? 0n),
    relaytxes: version?.relay ?? false,
    lastsend: seconds(traffic.lastSentMs),
    lastrecv: seconds(traffic.lastReceivedMs),
    last_transaction: seconds(peer.pool.lastTransactionMs),
    last_block: seconds(sync.lastBlockMs),
    bytessent: traffic.sentBytes,
    bytesrecv: traffic.receivedBytes,
    conntime: seconds(peer.connectedAtMs),
    timeoffset: Number(version?.timeS ?? 0n) - seconds(peer.connectedAtMs),
    ...(ping.lastUs !== undefined && { pingtime: ping.lastUs / 1e6 }),
    ...(ping.leastUs !== undefined && { minping: ping.leastUs / 1e6 }),
    ...(ping.nonce !== undefined && { pingwait: (clock.steadyUs() - ping.sentUs) / 1e6 }),
    version: version?.version ?? 0,
    subver: version?.userAgent ?? '',
    inbound: peer.direction === 'inbound',
    bip152_hb_to: false,
    bip152_hb_from: false,
    startingheight: version?.startHeight ?? -1,
    presynced_headers: -1,
    synced_headers: best?.height ?? -1,
    synced_blocks: Math.min(shared, store.active.tip()!.height),
    inflight: heights,
    addr_relay_enabled: true,
    addr_processed: peer.addresses.taken,
    addr_rate_limited: peer.addresses.dropped,
    permissions: [],
    minfeefilter: toCoins(peer.feeFilter),
    bytessent_per_msg: perMessage(traffic.sentBy),
    bytesrecv_per_msg: perMessage(traffic.receivedBy),
    connection_type: CONNECTION_TYPES[peer.direction],
    transport_protocol_type: 'v1',
    session_id: '',
  }
}

/** Where the peer says that it sees this node. */
const localSeen = ({ version, connection }: Peer): string => {
  const port = version?.receiver.port || connection.local.port
  return hostPortText({ host: connection.local.host, port })
}
