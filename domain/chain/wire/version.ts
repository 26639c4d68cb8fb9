import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'
import { type NetAddress, readOldAddress, writeOldAddress } from './net-address.ts'

/** The newest version of the protocol that this code speaks: wtxid relay (BIP 339). */
export const PROTOCOL_VERSION = 70016
/** The oldest that is spoken to: from there on headers can be asked to be announced (BIP 130). */
export const LEAST_PROTOCOL_VERSION = 70012

/** What a node can do, as flags (Bitcoin Core protocol.h). `limited`: has at least the newest 288 blocks (BIP 159). */
export const SERVICE = { network: 1n, witness: 8n, limited: 1024n } as const

/** What each side says first. */
export type Version = {
  readonly version: number
  readonly services: bigint
  /** Unix seconds of the sender's clock. */
  readonly timeS: bigint
  /** Where the sender sees the receiver, and what services it takes it to have. */
  readonly receiver: NetAddress & { readonly services: bigint }
  /** Not used by anyone any more. */
  readonly sender: NetAddress & { readonly services: bigint }
  /** Random: who sees its own nonce has called itself. */
  readonly nonce: bigint
  /** Of the form `/name:1.0/`; what is not printable comes as `?`. */
  readonly userAgent: string
  readonly startHeight: number
  /** Whether transactions are wanted. */
  readonly relay: boolean
}

/** Law: characters of a user agent (Core MAX_SUBVERSION_LENGTH). */
const MAX_USER_AGENT_BYTES = 256

export const writeVersion = (writer: Writer, version: Version): void => {
  writer.i32(version.version).u64(version.services).i64(version.timeS)
  for (const end of [version.receiver, version.sender]) {
    writer.u64(end.services)
    writeOldAddress(writer, end)
  }
  const agent = Uint8Array.from(version.userAgent.slice(0, MAX_USER_AGENT_BYTES), (c) => c.charCodeAt(0) & 0x7f)
  writer
    .u64(version.nonce)
    .sized(agent)
    .i32(version.startHeight)
    .u8(version.relay ? 1 : 0)
}

/** The last byte may be left out, as by peers before BIP 37: then transactions are wanted. */
export const readVersion = (reader: Reader): Version => {
  const version = reader.i32()
  const services = reader.u64()
  const timeS = reader.i64()
  const end = () => ({ services: reader.u64(), ...readOldAddress(reader) })
  const receiver = end()
  const sender = end()
  const nonce = reader.u64()
  const agent = reader.list(1, (r) => r.u8(), MAX_USER_AGENT_BYTES)
  const userAgent = agent.map((byte) => (byte < 0x20 || byte > 0x7e ? '?' : String.fromCharCode(byte))).join('')
  const startHeight = reader.i32()
  const relay = reader.left === 0 || reader.u8() !== 0
  return { version, services, timeS, receiver, sender, nonce, userAgent, startHeight, relay }
}
