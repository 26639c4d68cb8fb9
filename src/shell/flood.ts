import type { Duplex } from 'node:stream'
import type { ServerChannel } from 'ssh2'
import { FLOOD_MAX_BYTES } from './port.ts'

/** ssh2 does not hold clients to their window: who sends far past it loses the connection. */
export const guardFlood = (channel: ServerChannel, wire: Duplex): void => {
  const push = channel.push.bind(channel)
  channel.push = (chunk, encoding) => {
    if (channel.readableLength > FLOOD_MAX_BYTES) wire.destroy()
    return push(chunk, encoding)
  }
}
