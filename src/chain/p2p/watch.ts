import type { Clock } from '../../clock/port.ts'
import type { Random } from '../../random/port.ts'
import type { BlockDownload } from './block-download.ts'
import { newNonce } from './handshake.ts'
import type { P2pLimits } from './limits.ts'
import type { Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'

export type WatchParts = {
  readonly clock: Clock
  readonly random: Random
  readonly limits: P2pLimits
  readonly download: BlockDownload
}

/** What a peer has not done in time, if there is something; and sends the pings that its answers are measured by. */
export const overdueOf = (parts: WatchParts, peer: Peer): PeerEnd | undefined => {
  const { clock, limits, download } = parts
  const late = (sinceUs: number | undefined, ms: number) =>
    sinceUs !== undefined && clock.steadyUs() - sinceUs > ms * 1000
  if (!peer.ready)
    // `ping.sentUs` is the beginning of the connection until the first ping.
    return late(peer.ping.sentUs, limits.handshakeMs) ? new PeerEnd('chain.peer-handshake-timeout') : undefined
  const slow = peer.connection.overdue() ?? download.overdue(peer)
  if (slow !== undefined) return slow
  if (late(peer.sync.headersAskedUs, limits.headersMs)) {
    // Core does not answer while it is itself far behind: only who is called for its chain must.
    delete peer.sync.headersAskedUs
    if (peer.direction === 'outbound') return new PeerEnd('chain.peer-stalled', 'headers')
  }
  if (peer.ping.nonce !== undefined)
    return late(peer.ping.sentUs, limits.pingMs) ? new PeerEnd('chain.peer-ping-timeout') : undefined
  if (late(peer.ping.sentUs, limits.pingEveryMs) || peer.ping.lastUs === undefined) sendPing(parts, peer)
  return undefined
}

export const sendPing = ({ clock, random }: Pick<WatchParts, 'clock' | 'random'>, { ping, connection }: Peer): void => {
  if (ping.nonce !== undefined) return
  ping.nonce = newNonce(random)
  ping.sentUs = clock.steadyUs()
  connection.send({ command: 'ping', nonce: ping.nonce })
}
