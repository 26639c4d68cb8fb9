import { DecodeError } from './decode-error.ts'
import { toDisplay } from './display-hash.ts'

/** Bitcoin Core's `MAX_SIZE` (serialize.h): no count or length on the wire may be above it. */
export const MAX_SIZE = 0x02000000

/** Reads Bitcoin's little-endian wire format; never past the end. Every method throws `DecodeError`. */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  get offset(): number {
    return this.#at
  }

  #take(size: number): number {
    if (size > this.#bytes.length - this.#at) throw new DecodeError('truncated')
    const at = this.#at
    this.#at += size
    return at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true)
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true)
  }

  /** A copy, so that a small value does not keep a whole block in memory. */
  bytes(size: number): Uint8Array {
    const at = this.#take(size)
    return this.#bytes.slice(at, at + size)
  }

  /** 32 bytes as a hash in display order. */
  hash(): string {
    return toDisplay(this.#bytes, this.#take(32))
  }

  /** Compact size in its one shortest form, at most `MAX_SIZE`. */
  size(): number {
    const first = this.u8()
    if (first < 0xfd) return first
    let size: number
    if (first === 0xfd) {
      size = this.u16()
      if (size < 0xfd) throw new DecodeError('non-canonical-size')
    } else if (first === 0xfe) {
      size = this.u32()
      if (size < 0x10000) throw new DecodeError('non-canonical-size')
    } else {
      const wide = this.u64()
      if (wide < 0x100000000n) throw new DecodeError('non-canonical-size')
      throw new DecodeError('oversize')
    }
    if (size > MAX_SIZE) throw new DecodeError('oversize')
    return size
  }

  /** Length, then that many bytes. */
  sized(): Uint8Array {
    return this.bytes(this.size())
  }

  /**
   * Count, then that many items.
   *
   * @param leastSizeBytes the shortest form of one item: a count that cannot fit in what is left is refused before any work
   * @param most items that there may be
   */
  list<T>(leastSizeBytes: number, item: (reader: Reader) => T, most = MAX_SIZE): T[] {
    const count = this.size()
    if (count > most) throw new DecodeError('oversize')
    if (count * leastSizeBytes > this.left) throw new DecodeError('truncated')
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(item(this))
    return items
  }

  /** To be called last: nothing may follow. */
  end(): void {
    if (this.left !== 0) throw new DecodeError('trailing-bytes')
  }
}
