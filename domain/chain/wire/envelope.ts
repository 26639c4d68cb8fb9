import { DecodeError } from '../decode-error.ts'
import { sha256d } from '../hash.ts'
import { magicBytes, type Network } from '../network.ts'
import { Reader } from '../reader.ts'
import { Writer } from '../writer.ts'

/** Before each payload: magic(4) command(12) length(4) checksum(4). */
export const ENVELOPE_BYTES = 24
/** Law of the protocol (Bitcoin Core net.h, MAX_PROTOCOL_MESSAGE_LENGTH): a longer payload ends the connection. */
export const MAX_PAYLOAD_BYTES = 4_000_000
const COMMAND_BYTES = 12

/** What stands before a payload. */
export type Envelope = {
  /** Name of the message: printable, at most 12 characters. */
  readonly command: string
  readonly sizeBytes: number
  /** First four bytes of the payload's double SHA-256, least significant first. */
  readonly checksum: number
}

export const checksumOf = (payload: Uint8Array): number => new Reader(sha256d(payload)).u32()

/** A whole message as it is on the wire. */
export const encodeEnvelope = (network: Network, command: string, payload: Uint8Array): Uint8Array => {
  const writer = new Writer(ENVELOPE_BYTES + payload.length).bytes(magicBytes(network))
  for (let i = 0; i < COMMAND_BYTES; i++) writer.u8(i < command.length ? command.charCodeAt(i) : 0)
  return writer.u32(payload.length).u32(checksumOf(payload)).bytes(payload).done()
}

/**
 * Reads the 24 bytes before a payload, so that what is too long or of another network is refused before any of it is kept.
 *
 * @throws DecodeError `wrong-magic`, `bad-command`, `oversize`, `truncated`
 */
export const decodeEnvelope = (network: Network, bytes: Uint8Array): Envelope => {
  const reader = new Reader(bytes)
  if (reader.u32() !== network.magic) throw new DecodeError('wrong-magic')
  const command = commandOf(reader.bytes(COMMAND_BYTES))
  const sizeBytes = reader.u32()
  if (sizeBytes > MAX_PAYLOAD_BYTES) throw new DecodeError('oversize')
  return { command, sizeBytes, checksum: reader.u32() }
}

/** Printable, then zeros to the end (Core's IsMessageTypeValid). */
const commandOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  const name = end < 0 ? bytes : bytes.subarray(0, end)
  const isPrintable = name.every((byte) => byte >= 0x20 && byte <= 0x7e)
  const isFilled = bytes.subarray(name.length).every((byte) => byte === 0)
  if (name.length === 0 || !isPrintable || !isFilled) throw new DecodeError('bad-command')
  return String.fromCharCode(...name)
}
