import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** Bytes as lower-case hex, the form used in facts, messages, rows and every edge. Twice as fast as that of `@scure/base` (measured). */
export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes)

/** Hex (either case, even length) to bytes. @throws on anything else */
export const fromHex = (text: string): Uint8Array => hexToBytes(text)

export const concat = (...parts: Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((x, i) => x === b[i])
