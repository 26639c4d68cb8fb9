import { decode, encodeBytes } from '../../domain/codec.ts'
import { Fault } from '../../domain/fault.ts'
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from './port.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const tooLarge = (size: number): Fault =>
  new Fault('peer.too-large', `a message of ${size} bytes is above the limit of ${MAX_MESSAGE_BYTES}`, {
    culprit: 'peer-unreachable',
    next: 'The other node breaks the protocol: update it, or deal with another.',
  })

const malformed = (why: string, cause?: unknown): Fault =>
  new Fault('peer.malformed', `a message is not readable: ${why}`, {
    culprit: 'peer-unreachable',
    next: 'The other node breaks the protocol: update it, or deal with another.',
    cause,
  })

/** @throws Fault `peer.too-large` */
export const encodeMessage = (message: unknown): Uint8Array => {
  const bytes = encodeBytes(message)
  if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge(bytes.length)
  return bytes
}

/** @throws Fault `peer.too-large`, `peer.malformed` */
export const decodeMessage = (bytes: Uint8Array): unknown => {
  if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge(bytes.length)
  if (tooDeep(bytes)) throw malformed(`nested deeper than ${MAX_MESSAGE_DEPTH}`)
  try {
    return decode(utf8.decode(bytes))
  } catch (cause) {
    throw malformed('not the JSON that was agreed', cause)
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])

/** Counts brackets outside strings before parsing, since `JSON.parse` and every walk after it recurse. */
const tooDeep = (bytes: Uint8Array): boolean => {
  let depth = 0
  let quoted = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!
    if (quoted) {
      if (byte === BACKSLASH) at += 1
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (OPEN.has(byte)) {
      depth += 1
      if (depth > MAX_MESSAGE_DEPTH) return true
    } else if (CLOSE.has(byte)) depth -= 1
  }
  return false
}
