import type { BlockHeader } from '../block.ts'
import { HEADER_BYTES, readHeader, writeHeader } from '../codec.ts'
import { DecodeError } from '../decode-error.ts'
import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'

/** Law: hashes of a locator (Core MAX_LOCATOR_SZ). */
export const MAX_LOCATOR = 101
/** Law: headers in one message; as many mean that there may be more (Core MAX_HEADERS_RESULTS). */
export const MAX_HEADERS = 2000

/** Where the asking node stands: hashes from its tip down, ever sparser; the answer begins behind the first that is known. */
export type Locator = {
  readonly version: number
  readonly hashes: readonly string[]
  /** The last hash that is wanted; zeros for as many as there are. */
  readonly stop: string
}

export const writeLocator = (writer: Writer, { version, hashes, stop }: Locator): void => {
  writer
    .u32(version)
    .list(hashes, (w, hash) => w.hash(hash))
    .hash(stop)
}

export const readLocator = (reader: Reader): Locator => {
  const version = reader.u32()
  const hashes = reader.list(32, (r) => r.hash(), MAX_LOCATOR)
  return { version, hashes, stop: reader.hash() }
}

/** Heights of a locator from a tip down: ten in a row, then each step twice as long, and the first block. */
export const locatorHeights = (tip: number): number[] => {
  const heights: number[] = []
  for (let height = tip, step = 1; height > 0; height -= step) {
    heights.push(height)
    if (heights.length >= 10) step *= 2
  }
  return [...heights, 0]
}

/** Each header is followed by the count of its transactions, which is always 0. */
export const writeHeaders = (writer: Writer, headers: readonly BlockHeader[]): void => {
  writer.list(headers, (w, header) => {
    writeHeader(w, header)
    w.size(0)
  })
}

export const readHeaders = (reader: Reader): BlockHeader[] =>
  reader.list(
    HEADER_BYTES + 1,
    (r) => {
      const header = readHeader(r)
      if (r.size() !== 0) throw new DecodeError('oversize')
      return header
    },
    MAX_HEADERS,
  )
