import type { Duplex } from 'node:stream'
import { Fault } from '../../domain/fault.ts'

/** One message, encoded, may have this many bytes at the most; a tunnel's bytes are cut to pieces of this size. */
export const MAX_MESSAGE_BYTES = 65_536
/** Objects and arrays in a message may be nested this deep. */
export const MAX_MESSAGE_DEPTH = 32
/** From the TCP connection, or from dialling, until both ends share a secret. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
/** A link from which no byte came for so long is dead; keep-alives are sent four times as often. */
export const IDLE_TIMEOUT_MS = 60_000
export const KEEP_ALIVE_MS = 15_000
/** How long `receive` waits when not told. */
export const RECEIVE_TIMEOUT_MS = 30_000
/** How long `send` waits for a peer that does not read. */
export const SEND_TIMEOUT_MS = 30_000
/** How long a closed link waits for the other end to have read the last messages. */
export const CLOSE_TIMEOUT_MS = 2_000
/** Links of one listener, those still shaking hands among them; further connections are closed at once. A lease has one, and one for each shell. */
export const MAX_LINKS = 4_096
/** Handshakes with one endpoint at a time; more wait. Who serves a thousand leases of one publisher would not be let in otherwise. */
export const MAX_DIALS = 32
/** Those still shaking hands: keys cost a stranger nothing, and each handshake costs us some. One more takes the place of the oldest. */
export const MAX_SHAKING = 256

/** Where a peer listens. Port 0 lets the system choose when listening. */
export type Endpoint = { readonly host: string; readonly port: number }

/** Calls `late` after `ms`, unless the function that it gives is called first. */
export type Timer = (ms: number, late: () => void) => () => void

export type ReceiveOptions = { readonly timeoutMs?: number; readonly signal?: AbortSignal }

/**
 * An encrypted connection between two nodes, not yet between two identities: `challenge.ts` makes it that. It carries messages
 * in order, and after `toDuplex` raw bytes. What comes out of `receive` is of unknown shape: the caller checks it by a schema.
 *
 * Memory is bounded: what is not received stays, beyond about 100 KB, in the other end's socket.
 */
export interface Link {
  /** Hash of the handshake: the same at both ends, different for each connection. */
  readonly handshake: Uint8Array
  /** This end dialled. */
  readonly initiator: boolean
  /** For people and logs: where the other end is. */
  readonly remote: string
  /**
   * Resolves when the message is on its way, so awaiting it keeps to the reader's pace.
   * @throws Fault `peer.too-large` (nothing is sent), `peer.closed`, `peer.timeout` (the peer does not read; the link is closed)
   */
  send(message: unknown): Promise<void>
  /**
   * The next message. Those that arrived before the other end closed are still given. One call at a time.
   * @throws Fault `peer.timeout` (the link stays usable), `peer.closed`, `peer.malformed` and `peer.too-large` (the link is closed);
   *   the signal's reason when it is aborted
   */
  receive(options?: ReceiveOptions): Promise<unknown>
  /**
   * From here on raw bytes: what arrived after the last received message comes first. `send` and `receive` end here.
   * Half-open like a TCP socket: whoever has read its end also ends or destroys it.
   */
  toDuplex(): Duplex
  /** Delivers what was sent, then ends. Idempotent. */
  close(): void
  /** Resolves when the other end has ended, this end closed, or the connection broke. Never rejects. */
  readonly closed: Promise<void>
}

export interface Listener extends Endpoint {
  /** Stops listening and closes the links that came through it. */
  close(): Promise<void>
}

/** How nodes reach one another. */
export interface Peers {
  /** @throws Fault `peer.unreachable`, `peer.handshake-failed`, `peer.timeout`; the signal's reason when it is aborted */
  dial(endpoint: Endpoint, signal?: AbortSignal): Promise<Link>
  /** `onLink` gets each link once its handshake is done. @throws Fault `peer.port-taken`, `peer.cannot-listen` */
  listen(endpoint: Endpoint, onLink: (link: Link) => void): Promise<Listener>
}

export const peerClosed = (remote: string, cause?: unknown): Fault =>
  new Fault('peer.closed', `the connection with ${remote} has ended`, {
    culprit: 'peer-unreachable',
    next: 'Connect again; the lease goes on from where it stood.',
    cause,
  })

export const peerTimeout = (remote: string, what: string, ms: number): Fault =>
  new Fault('peer.timeout', `${remote} did not ${what} within ${ms} ms`, {
    culprit: 'peer-unreachable',
    next: 'Check the network between the two, then try again.',
  })

export const peerUnreachable = (remote: string, cause: unknown): Fault =>
  new Fault('peer.unreachable', `nothing answers at ${remote}`, {
    culprit: 'peer-unreachable',
    next: 'Check that the node runs, and that its endpoint is reachable from here.',
    cause,
  })

export const portTaken = (at: string, cause?: unknown): Fault =>
  new Fault('peer.port-taken', `${at} is used by another program`, {
    culprit: 'you',
    next: 'Stop the other program, or choose another with --publisher-port.',
    cause,
  })
