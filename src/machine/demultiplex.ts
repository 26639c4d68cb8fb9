import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'

/** Docker's frame: stream (1 stdout, 2 stderr), three zeros, length as 32 bits big-endian. Source: Engine API, "Attach to a container". */
const HEADER_BYTES = 8

const give = async (sink: Writable, bytes: Buffer) => {
  if (sink.destroyed || sink.writableEnded) return
  if (sink.write(bytes)) return
  const done = new AbortController()
  const { signal } = done
  // `close` too: a reader that went away must not hold up the other stream.
  await Promise.race([once(sink, 'drain', { signal }), once(sink, 'close', { signal })]).catch(() => {})
  done.abort()
}

/**
 * Takes Docker's multiplexed stream apart by hand, since `demuxStream` of dockerode ignores back-pressure: reading stops while a sink
 * is full. Payloads pass through in pieces, so a frame's claimed length costs no memory. Ends both sinks at the end.
 */
export const demultiplex = async (source: Readable, stdout: Writable, stderr: Writable): Promise<void> => {
  let header = Buffer.alloc(0)
  let left = 0
  let sink = stdout
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      let at = 0
      while (at < chunk.length) {
        if (left === 0) {
          const piece = chunk.subarray(at, at + HEADER_BYTES - header.length)
          header = Buffer.concat([header, piece])
          at += piece.length
          if (header.length < HEADER_BYTES) continue
          sink = header[0] === 2 ? stderr : stdout
          left = header.readUInt32BE(4)
          header = Buffer.alloc(0)
          continue
        }
        const piece = chunk.subarray(at, at + left)
        at += piece.length
        left -= piece.length
        await give(sink, piece)
      }
    }
  } finally {
    stdout.end()
    stderr.end()
  }
}

/** The stream of a terminal as it is: one stream, no frames. */
export const pour = async (source: Readable, sink: Writable): Promise<void> => {
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) await give(sink, chunk)
  } finally {
    sink.end()
  }
}
