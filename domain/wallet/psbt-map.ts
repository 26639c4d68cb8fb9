import { fromHex, toHex } from '../bytes.ts'
import { DecodeError } from '../chain/decode-error.ts'
import { Reader } from '../chain/reader.ts'
import type { Writer } from '../chain/writer.ts'
import { Fault } from '../fault.ts'

/** One map of a PSBT: values by key (type, then key data), hex. */
export type PsbtMap = ReadonlyMap<string, Uint8Array>

export const keyOf = (type: number, data: Uint8Array = new Uint8Array(0)): string =>
  toHex(Uint8Array.of(type)) + toHex(data)

export const writeMap = (writer: Writer, map: PsbtMap): void => {
  for (const [key, value] of [...map].sort(([a], [b]) => (a < b ? -1 : 1))) writer.sized(fromHex(key)).sized(value)
  writer.u8(0)
}

export const readMap = (reader: Reader): PsbtMap => {
  const map = new Map<string, Uint8Array>()
  for (;;) {
    const key = reader.sized()
    if (key.length === 0) return map
    const name = toHex(key)
    if (map.has(name)) throw bad(`a key stands twice: ${name.slice(0, 80)}`)
    map.set(name, reader.sized())
  }
}

/** Reads a value to its end. @throws Fault `wallet.bad-psbt` */
export const reading = <T>(value: Uint8Array, read: (reader: Reader) => T): T =>
  malformed(() => {
    const reader = new Reader(value)
    const found = read(reader)
    reader.end()
    return found
  })

export const malformed = <T>(read: () => T): T => {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof DecodeError) throw bad(cause.code, cause)
    throw cause
  }
}

export const bad = (why: string, cause?: unknown): Fault =>
  new Fault('wallet.bad-psbt', `not a PSBT that can be used: ${why}`, {
    culprit: 'you',
    next: 'Ask whoever made it for one of version 0 (BIP 174) or 2 (BIP 370), whole and in base64.',
    cause,
  })
