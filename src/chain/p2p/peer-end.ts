import { Fault } from '../../../domain/fault.ts'

const DAY_MS = 24 * 3_600_000
const SHORT_MS = 10 * 60_000

type End = { readonly what: string; readonly banMs?: number }

/** Why a peer is let go of, and for how long its address is not heard any more. */
const ENDS = {
  'chain.peer-wrong-magic': { what: 'it is on another network, or is no node at all' },
  'chain.peer-too-old': { what: 'it speaks too old a version of the protocol' },
  'chain.peer-self': { what: 'it is this node itself' },
  'chain.peer-lacks-services': { what: 'it does not serve whole blocks with their witnesses' },
  'chain.peer-handshake': { what: 'it did not say who it is before all else', banMs: SHORT_MS },
  'chain.peer-handshake-timeout': { what: 'it did not say in time who it is' },
  'chain.peer-ping-timeout': { what: 'it does not answer' },
  'chain.peer-slow-message': { what: 'a message that it began did not come to its end in time' },
  'chain.peer-slow-reader': { what: 'it does not read what it is sent' },
  'chain.peer-bad-checksum': { what: 'a message was damaged on its way' },
  'chain.peer-oversize': { what: 'a message was longer than any may be', banMs: SHORT_MS },
  'chain.peer-malformed': { what: 'a message cannot be read', banMs: SHORT_MS },
  'chain.peer-unrequested': { what: 'it sent a block that nobody asked it for', banMs: SHORT_MS },
  'chain.peer-bad-header': { what: 'it sent a header that breaks the rules', banMs: DAY_MS },
  'chain.peer-low-work': { what: 'it sent many headers with less work than the chain has', banMs: DAY_MS },
  'chain.peer-unconnected-headers': { what: 'its headers lead nowhere', banMs: SHORT_MS },
  'chain.peer-too-many-headers': { what: 'there is no room for its headers' },
  'chain.peer-bad-block': { what: 'it sent a block that breaks the rules', banMs: DAY_MS },
  'chain.peer-invalid-chain': { what: 'its chain has a block that breaks the rules' },
  'chain.peer-stalled': { what: 'it did not bring in time what it was asked for' },
  'chain.peer-banned': { what: 'its address is banned' },
  'chain.peer-full': { what: 'there is no place for another peer' },
  'chain.peer-evicted': { what: 'its place was given to another' },
  'chain.peer-disconnected': { what: 'the operator let it go' },
  'chain.peer-closed': { what: 'it closed the connection' },
  'chain.peer-failed': { what: 'this node failed to answer it' },
  'chain.peer-stopping': { what: 'this node stops' },
} as const satisfies Record<string, End>

export type PeerEndCode = keyof typeof ENDS

/** A connection is over. */
export class PeerEnd extends Fault {
  /** For how long its address is banned; 0 for not at all. */
  readonly banMs: number
  constructor(code: PeerEndCode, detail?: string, cause?: unknown) {
    const { what, banMs = 0 }: End = ENDS[code]
    super(code, detail === undefined ? what : `${what}: ${detail}`, { culprit: 'peer-unreachable', cause })
    this.banMs = banMs
  }
}
