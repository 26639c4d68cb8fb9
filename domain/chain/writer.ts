import { fromDisplay } from './display-hash.ts'

/**
 * Writes Bitcoin's little-endian wire format into a buffer that grows. Values out of range are a bug: RangeError. Bytes are put
 * one by one: making a DataView for each of the many small writers of a block cost more than all the writing.
 */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>
  #at = 0

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes)
  }

  #room(size: number): number {
    const at = this.#at
    const end = at + size
    if (end > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(end, this.#bytes.length * 2))
      wider.set(this.#bytes)
      this.#bytes = wider
    }
    this.#at = end
    return at
  }

  u8(value: number): this {
    const at = this.#room(1)
    this.#bytes[at] = whole(value, 0, 0xff)
    return this
  }

  u16(value: number): this {
    whole(value, 0, 0xffff)
    const at = this.#room(2)
    this.#bytes[at] = value
    this.#bytes[at + 1] = value >>> 8
    return this
  }

  u32(value: number): this {
    whole(value, 0, 0xffffffff)
    const at = this.#room(4)
    const bytes = this.#bytes
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
    return this
  }

  i32(value: number): this {
    return this.u32(whole(value, -0x80000000, 0x7fffffff) >>> 0)
  }

  u64(value: bigint): this {
    if (BigInt.asUintN(64, value) !== value) throw new RangeError(`not a u64: ${value}`)
    return this.u32(Number(value & 0xffffffffn)).u32(Number(value >> 32n))
  }

  i64(value: bigint): this {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`not an i64: ${value}`)
    return this.u64(BigInt.asUintN(64, value))
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** A hash in display order as its 32 wire bytes. */
  hash(display: string): this {
    return this.bytes(fromDisplay(display))
  }

  /** Compact size, shortest form. */
  size(value: number): this {
    if (value < 0xfd) return this.u8(value)
    if (value <= 0xffff) return this.u8(0xfd).u16(value)
    if (value <= 0xffffffff) return this.u8(0xfe).u32(value)
    return this.u8(0xff).u64(BigInt(value))
  }

  /** Length, then the bytes. */
  sized(value: Uint8Array): this {
    return this.size(value.length).bytes(value)
  }

  list<T>(items: readonly T[], item: (writer: Writer, value: T) => void): this {
    this.size(items.length)
    for (const value of items) item(this, value)
    return this
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#at)
  }
}

const whole = (value: number, least: number, most: number): number => {
  if (!Number.isInteger(value) || value < least || value > most) throw new RangeError(`out of range: ${value}`)
  return value
}

/** Bytes that a compact size takes. */
export const sizeOfSize = (value: number): number =>
  value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffffffff ? 5 : 9
