import type { Duplex, Readable } from 'node:stream'
import { FLOOD_MAX_BYTES } from './port.ts'

/** ssh2 does not hold its peers to their window: who sends far past it loses the connection. */
export const guardFlood = (channel: Readable, wire: Duplex, onFlood: () => void = () => {}): void => {
  const push = channel.push.bind(channel)
  channel.push = (chunk, encoding) => {
    if (channel.readableLength > FLOOD_MAX_BYTES) {
      onFlood()
      wire.destroy()
    }
    return push(chunk, encoding)
  }
}
