const BYTE_HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const DISPLAY = /^[0-9a-f]{64}$/

/** 32 bytes in wire order as Bitcoin shows them: reversed, lower-case hex. `at` is where they begin in `bytes`. */
export const toDisplay = (bytes: Uint8Array, at = 0): string => {
  let text = ''
  for (let i = at + 31; i >= at; i--) text += BYTE_HEX[bytes[i] as number]
  return text
}

export const isDisplayHash = (text: string): boolean => DISPLAY.test(text)

/** A shown hash back to its 32 bytes in wire order. @throws RangeError when `text` is not 64 lower-case hex digits */
export const fromDisplay = (text: string): Uint8Array => {
  if (text.length !== 64) throw notAHash(text)
  const bytes = new Uint8Array(32)
  for (let i = 0; i < 32; i++) {
    const byte = (nibble(text.charCodeAt(62 - 2 * i)) << 4) | nibble(text.charCodeAt(63 - 2 * i))
    if (byte < 0) throw notAHash(text)
    bytes[i] = byte
  }
  return bytes
}

/** -1 for what is no lower-case hex digit: any such makes the byte it is in negative. */
const nibble = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  return code >= 97 && code <= 102 ? code - 87 : -1
}

const notAHash = (text: string): RangeError => new RangeError(`not a hash: ${text.slice(0, 80)}`)

/** The previous hash of a genesis block, and the txid that a coinbase spends. */
export const ZERO_HASH = '0'.repeat(64)
