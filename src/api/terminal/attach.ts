import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/** Bytes that may wait for a terminal's reader; beyond them the shell is not read from. */
export const MAX_TERMINAL_BACKLOG_BYTES = 262_144

/** Sends what a shell prints as binary messages, as fast as they are taken. */
export const attach = (socket: WebSocket, stream: Duplex): void => {
  const goOn = (): void => {
    if (stream.isPaused() && socket.bufferedAmount <= MAX_TERMINAL_BACKLOG_BYTES / 2) stream.resume()
  }
  stream.on('data', (bytes: Buffer) => {
    if (socket.readyState !== socket.OPEN) return
    // What was written out makes room; one that closed is told by its `close`.
    socket.send(bytes, { binary: true }, goOn)
    if (socket.bufferedAmount > MAX_TERMINAL_BACKLOG_BYTES) stream.pause()
  })
}
