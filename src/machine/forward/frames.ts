/**
 * What goes between the provider and its helper in a machine: type (1 byte), id (4, big-endian), length of the payload (4), payload.
 * Ids of the helper's own (connections that it accepted) have the highest bit. DATA takes from a window of `WINDOW_BYTES` in each
 * direction, which MORE (4 bytes: how many) fills again; all else is small and takes nothing.
 */
export const FRAME = {
  /** To the helper. `tcp\0HOST\0PORT` or `unix\0PATH`; answered by OPENED or FAILED. */
  connect: 1,
  /** To the helper. `tcp\0PORT` (on loopback alone; 0: any) or `unix\0PATH`; answered by OPENED with the port, or FAILED. */
  listen: 2,
  data: 3,
  /** No more data from this side. */
  end: 4,
  /** It is over in both directions; a listener stops. */
  close: 5,
  more: 6,
  opened: 7,
  /** The system's words. */
  failed: 8,
  /** A connection came to the listener `id`; its own id is in the payload. */
  accepted: 9,
} as const

export const HEADER_BYTES = 9
export const PAYLOAD_MAX_BYTES = 32_768
export const WINDOW_BYTES = 131_072
export const HELPER_IDS = 0x8000_0000

export const frame = (type: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer => {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
  bytes[0] = type
  bytes.writeUInt32BE(id, 1)
  bytes.writeUInt32BE(payload.length, 5)
  bytes.set(payload, HEADER_BYTES)
  return bytes
}

export const number = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * Takes a stream of frames apart. The tenant may have put itself in the helper's place: what breaks the form throws.
 */
export const frameReader = (take: (type: number, id: number, payload: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= HEADER_BYTES) {
      const length = rest.readUInt32BE(at + 5)
      if (length > PAYLOAD_MAX_BYTES) throw new Error(`a frame of ${length} bytes`)
      if (rest.length - at < HEADER_BYTES + length) break
      const from = at + HEADER_BYTES
      take(rest[at]!, rest.readUInt32BE(at + 1), rest.subarray(from, from + length))
      at = from + length
    }
    rest = rest.subarray(at)
  }
}
