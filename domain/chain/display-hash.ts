import { fromHex } from '../bytes.ts'

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
  if (!isDisplayHash(text)) throw new RangeError(`not a hash: ${text.slice(0, 80)}`)
  return fromHex(text).reverse()
}

/** The previous hash of a genesis block, and the txid that a coinbase spends. */
export const ZERO_HASH = '0'.repeat(64)
