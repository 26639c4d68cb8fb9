import type { Socket } from 'node:net'
import { tooLarge } from './message.ts'
import { MAX_MESSAGE_BYTES } from './port.ts'

/** secretstream's tag and authenticator (crypto_secretstream_xchacha20poly1305_ABYTES). */
const OVERHEAD_BYTES = 17

/**
 * Watches the length prefixes (3 bytes, little-endian) of a secret-stream connection, before it does: it would set aside up to
 * 16 MiB because a stranger announced so much. `refuse` is called once, before the frame's first byte is kept.
 */
export const guardFrames = (socket: Socket, refuse: (fault: Error) => void): void => {
  let missing = 0
  let prefix = 0
  let prefixBytes = 0
  const watch = (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      if (missing > 0) {
        const step = Math.min(missing, chunk.length - at)
        missing -= step
        at += step
        continue
      }
      prefix += chunk[at]! * 256 ** prefixBytes
      prefixBytes += 1
      at += 1
      if (prefixBytes < 3) continue
      if (prefix > MAX_MESSAGE_BYTES + OVERHEAD_BYTES) {
        socket.off('data', watch)
        refuse(tooLarge(prefix))
        return
      }
      missing = prefix
      prefix = 0
      prefixBytes = 0
    }
  }
  socket.on('data', watch)
}
