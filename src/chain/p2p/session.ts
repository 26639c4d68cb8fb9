import type { Envelope } from '../../../domain/chain/wire/envelope.ts'
import type { Clock } from '../../clock/port.ts'
import type { Received } from './connection.ts'
import { HANDSHAKE_BYTES } from './handshake.ts'
import type { Peer } from './peer.ts'
import { PeerEnd } from './peer-end.ts'

/** What may come from a peer now, judged by a message's name and length before any of it is kept. */
export const allowedNow =
  (peer: () => Peer) =>
  ({ command, sizeBytes }: Envelope): void => {
    const { ready, sync } = peer()
    if (!ready && sizeBytes > HANDSHAKE_BYTES) throw new PeerEnd('chain.peer-handshake', `${command} came too early`)
    if (command === 'block' && sync.requested.size === 0) throw new PeerEnd('chain.peer-unrequested')
  }

export type SessionParts = {
  readonly clock: Clock
  readonly signal: AbortSignal
  shakeHands(peer: Peer, messages: AsyncGenerator<Received, void>): Promise<void>
  onReady(peer: Peer): void
  handle(peer: Peer, received: Received): Promise<void> | void
}

/**
 * One peer from its first word to its last, a message at a time: the next is not read before this one is dealt with and what was sent
 * has been read, so whoever floods is only read more slowly.
 *
 * @returns why it is over
 */
export const runSession = async (parts: SessionParts, peer: Peer): Promise<PeerEnd> => {
  const { connection } = peer
  const messages = connection.messages()
  try {
    await parts.shakeHands(peer, messages)
    parts.onReady(peer)
    for await (const received of messages) {
      await parts.handle(peer, received)
      await throttle(parts, peer, received)
      await connection.drained()
      if (connection.reason !== undefined) break
    }
    return connection.reason ?? new PeerEnd('chain.peer-closed')
  } catch (error) {
    if (connection.reason !== undefined) return connection.reason
    return error instanceof PeerEnd ? error : new PeerEnd('chain.peer-failed', undefined, error)
  }
}

/** What was asked for comes as fast as it can. */
const throttle = async (
  { clock, signal }: SessionParts,
  peer: Peer,
  { message, sizeBytes }: Received,
): Promise<void> => {
  if (message.command === 'block') return
  const waitMs = Math.max(peer.messages.take(1), peer.received.take(sizeBytes))
  if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => {})
}
