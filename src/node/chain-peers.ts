import type { ChainPeer, ChainPeers } from '../api/network/port.ts'
import type { P2p } from '../chain/p2p/p2p.ts'
import type { Peer } from '../chain/p2p/peer.ts'
import { hostPortText } from '../chain/p2p/port.ts'

/** Other nodes of the chain that the embedded one speaks with, as its operator sees them. */
export const chainPeers = (p2p: P2p): ChainPeers => ({
  ...(p2p.listening === undefined ? {} : { listening: hostPortText(p2p.listening) }),
  bestHeight: p2p.bestHeight(),
  knownAddresses: p2p.addressCount(),
  peers: p2p.peers().map(peerOf),
})

const peerOf = ({ id, direction, connection, dialled, connectedAtMs, version, ping, sync }: Peer): ChainPeer => ({
  id,
  address: dialled ?? hostPortText(connection.remote),
  direction,
  userAgent: version?.userAgent ?? '',
  connectedAt: connectedAtMs,
  height: sync.best?.height ?? sync.told?.height ?? version?.startHeight ?? 0,
  sentBytes: connection.traffic.sentBytes,
  receivedBytes: connection.traffic.receivedBytes,
  ...(ping.lastUs === undefined ? {} : { pingMs: ping.lastUs / 1_000 }),
  ...(sync.lastBlockMs === 0 ? {} : { lastBlockAt: sync.lastBlockMs }),
})
