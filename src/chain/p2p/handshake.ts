import { parseIp } from '../../../domain/chain/wire/ip-text.ts'
import { NET, type NetAddress } from '../../../domain/chain/wire/net-address.ts'
import { LEAST_PROTOCOL_VERSION, PROTOCOL_VERSION, SERVICE, type Version } from '../../../domain/chain/wire/version.ts'
import type { Clock } from '../../clock/port.ts'
import type { Random } from '../../random/port.ts'
import type { Received } from './connection.ts'
import type { Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'
import type { HostPort } from './port.ts'

/** All blocks, with their witnesses. */
export const OWN_SERVICES = SERVICE.network | SERVICE.witness | SERVICE.limited
const NEEDED_SERVICES = SERVICE.network | SERVICE.witness
/** The longest message before the handshake is over. */
export const HANDSHAKE_BYTES = 1024

export type HandshakeParts = {
  readonly clock: Clock
  readonly userAgent: string
  height(): number
  /** Whether a handshake that this node has begun has this nonce: then the peer is this node. */
  isOwn(nonce: bigint): boolean
}

/**
 * Says who this node is and hears who the other is: `version`, what is wanted, `verack`, in either order of the two sides.
 *
 * @throws PeerEnd `chain.peer-handshake`, `chain.peer-self`, `chain.peer-too-old`, `chain.peer-lacks-services`
 */
export const shakeHands = async (
  parts: HandshakeParts,
  peer: Peer,
  nonce: bigint,
  messages: AsyncGenerator<Received, void>,
): Promise<void> => {
  const { connection } = peer
  if (peer.direction !== 'inbound') connection.send(versionOf(parts, peer, nonce))
  const first = await next(peer, messages)
  if (first.command !== 'version') throw new PeerEnd('chain.peer-handshake', `${first.command} came first`)
  peer.version = first
  if (parts.isOwn(first.nonce)) throw new PeerEnd('chain.peer-self')
  if (first.version < LEAST_PROTOCOL_VERSION) throw new PeerEnd('chain.peer-too-old', `version ${first.version}`)
  // Who calls may be any kind of node; whom this node calls must serve it.
  if (peer.direction !== 'inbound' && (first.services & NEEDED_SERVICES) !== NEEDED_SERVICES)
    throw new PeerEnd('chain.peer-lacks-services')
  if (peer.direction === 'inbound') connection.send(versionOf(parts, peer, nonce))
  if (first.version >= PROTOCOL_VERSION) {
    connection.send({ command: 'wtxidrelay' })
    connection.send({ command: 'sendaddrv2' })
  }
  connection.send({ command: 'verack' })
  for (;;) {
    const message = await next(peer, messages)
    switch (message.command) {
      case 'verack':
        peer.ready = true
        return
      case 'version':
        throw new PeerEnd('chain.peer-handshake', 'it said twice who it is')
      case 'wtxidrelay':
        peer.wantsWtxids = true
        break
      case 'sendaddrv2':
        peer.wantsAddrV2 = true
        break
      default:
      // What comes too early, or is of newer nodes, is let be, as Core does.
    }
  }
}

const next = async (peer: Peer, messages: AsyncGenerator<Received, void>) => {
  const { value, done } = await messages.next()
  if (done === true) throw peer.connection.reason ?? new PeerEnd('chain.peer-closed', 'in the handshake')
  return value.message
}

export const newNonce = (random: Random): bigint => new DataView(random.bytes(8).buffer).getBigUint64(0) | 1n

const versionOf = (parts: HandshakeParts, peer: Peer, nonce: bigint): { command: 'version' } & Version => ({
  command: 'version',
  version: PROTOCOL_VERSION,
  services: OWN_SERVICES,
  timeS: BigInt(Math.floor(parts.clock.now() / 1000)),
  receiver: { ...netAddressOf(peer.connection.remote), services: 0n },
  sender: { ...NOWHERE, services: OWN_SERVICES },
  nonce,
  userAgent: parts.userAgent,
  startHeight: parts.height(),
  relay: true,
})

const NOWHERE: NetAddress = { net: NET.ipv6, bytes: new Uint8Array(16), port: 0 }

const netAddressOf = ({ host, port }: HostPort): NetAddress => {
  const ip = parseIp(host)
  return ip === undefined ? NOWHERE : { ...ip, port }
}
