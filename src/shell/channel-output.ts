import type { Duplex, Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'
import { WIRE_BUFFER_MAX_BYTES } from './port.ts'

/** What ssh2 1.17 keeps of a write that waits for the client's window. */
type Waiting = { _chunk: unknown; _chunkcb: unknown; _chunkErr: unknown; _chunkcbErr: unknown }

export type ChannelOutput = {
  /** Resolves once the client's window and the wire took it. Rejects when the channel is closed. */
  write(to: 'out' | 'err', chunk: Uint8Array): Promise<void>
  /** Fails what waits and all that comes. */
  close(): void
}

/**
 * Writes to a session, one chunk at a time over both of its outputs. ssh2 needs that: it remembers one waiting chunk for each, never
 * forgets it, and takes the other's for it when the window opens, so that both at once lose or repeat bytes. It also writes to the
 * wire whatever the window allows, and the window is the client's word: the wire's own back-pressure is waited for here.
 */
export const channelOutput = (channel: ServerChannel, wire: Duplex): ChannelOutput => {
  let closed = false
  let fail: (() => void) | undefined
  let turn: Promise<void> = Promise.resolve()

  const waited = (start: (done: () => void) => void) =>
    new Promise<void>((resolve, reject) => {
      fail = () => reject(new Error('closed'))
      if (closed) fail()
      else start(resolve)
    })
  const put = async (to: 'out' | 'err', chunk: Uint8Array) => {
    if (wire.writableLength > WIRE_BUFFER_MAX_BYTES) await waited((done) => wire.once('drain', done))
    const stream: Writable = to === 'out' ? channel : channel.stderr
    await waited((done) => stream.write(chunk, (error) => (error ? fail?.() : done())))
    Object.assign(channel as unknown as Waiting, {
      _chunk: undefined,
      _chunkcb: undefined,
      _chunkErr: undefined,
      _chunkcbErr: undefined,
    })
  }
  return {
    write: (to, chunk) => {
      const mine = turn.then(() => put(to, chunk))
      turn = mine.catch(() => {})
      return mine
    },
    close: () => {
      closed = true
      fail?.()
    },
  }
}
