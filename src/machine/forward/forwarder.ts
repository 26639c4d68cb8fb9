import type { Duplex } from 'node:stream'
import { Fault } from '../../../domain/fault.ts'
import { CONNECT_LIMIT_MS } from '../limits.ts'
import type { MachineAddress, MachineListener, MachineProcess } from '../port.ts'
import { ForwardedStream } from './forwarded-stream.ts'
import { FRAME, frame, frameReader, HELPER_IDS, number } from './frames.ts'

/** Connections that the helper may have accepted and nobody taken yet, or that stand; a tenant could send any number. */
const STREAMS_MAX = 1_024

export type Forwarder = {
  connect(to: MachineAddress): Promise<Duplex>
  listen(at: MachineAddress, onConnection: (stream: Duplex) => void): Promise<MachineListener>
  /** Streams and listeners that stand. */
  open(): number
  /** Ends the helper and everything that goes through it. Idempotent. */
  end(): Promise<void>
  readonly ended: Promise<void>
}

const unreachable = (why: string) =>
  new Fault('machine.unreachable', `inside the machine: ${why}`, { next: 'See whether a server listens there.' })

/** The helper's words come from a machine: one short line of plain text. */
const plain = (payload: Buffer) => payload.toString('latin1', 0, 120).replaceAll(/[^\x20-\x7e]/g, '?')

/** @throws Fault `machine.unreachable` for what cannot be meant */
const wordsOf = (address: MachineAddress, listening: boolean): Buffer => {
  const words =
    'path' in address ? ['unix', address.path] : ['tcp', ...(listening ? [] : [address.host]), `${address.port}`]
  if (words.some((word) => word.includes('\0'))) throw unreachable('a NUL in an address')
  // 108 bytes with the NUL at the end. Source: unix(7).
  if ('path' in address && (!address.path.startsWith('/') || Buffer.byteLength(address.path) > 107))
    throw unreachable('the path of a socket is absolute and has 107 bytes at the most')
  if ('port' in address && (!Number.isInteger(address.port) || address.port < 0 || address.port > 65_535))
    throw unreachable('no such port')
  const bytes = Buffer.from(words.join('\0'))
  if (bytes.length > 1_024) throw unreachable('an address of more than 1,024 bytes')
  return bytes
}

/** Speaks with the helper that was just started in a machine. */
export const forwarderOver = (program: MachineProcess, onIdle: () => void): Forwarder => {
  const streams = new Map<number, ForwardedStream>()
  const listeners = new Map<number, { onConnection: (stream: Duplex) => void; stopped: () => void }>()
  const asked = new Map<number, { resolve: (payload: Buffer) => void; reject: (error: Fault) => void }>()
  let lastId = 0
  let over = false

  const send = (type: number, id: number, payload?: Uint8Array, sent?: () => void) => {
    if (over || !program.stdin.writable) return sent?.()
    program.stdin.write(frame(type, id, payload), () => sent?.())
  }
  const idle = () => {
    if (streams.size + listeners.size + asked.size === 0 && !over) onIdle()
  }
  const streamOf = (id: number): ForwardedStream => {
    const stream = new ForwardedStream({
      data: (bytes, sent) => send(FRAME.data, id, bytes, sent),
      end: () => send(FRAME.end, id),
      close: () => send(FRAME.close, id),
      more: (bytes) => send(FRAME.more, id, number(bytes)),
    })
    streams.set(id, stream)
    stream.once('close', () => {
      if (streams.get(id) === stream) streams.delete(id)
      idle()
    })
    return stream
  }
  const accept = (id: number, payload: Buffer) => {
    const own = payload.length === 4 ? payload.readUInt32BE() : 0
    if (own < HELPER_IDS || streams.has(own)) throw new Error('no such connection')
    const listener = listeners.get(id)
    if (listener === undefined || streams.size >= STREAMS_MAX) return send(FRAME.close, own)
    listener.onConnection(streamOf(own))
  }
  const take = (type: number, id: number, payload: Buffer) => {
    const waiting = asked.get(id)
    if (type === FRAME.opened) waiting?.resolve(payload)
    else if (type === FRAME.failed) waiting?.reject(unreachable(plain(payload)))
    else if (type === FRAME.accepted) accept(id, payload)
    // A stream that was closed here meanwhile is not there any more: what still came for it is dropped.
    else if (type === FRAME.data) streams.get(id)?.received(payload)
    else if (type === FRAME.end) streams.get(id)?.receivedEnd()
    else if (type === FRAME.close) streams.get(id)?.receivedClose()
    else if (type === FRAME.more && payload.length === 4) streams.get(id)?.receivedMore(payload.readUInt32BE())
    else throw new Error(`a frame of type ${type}`)
  }
  const nextId = () => {
    lastId = (lastId + 1) % HELPER_IDS
    return lastId
  }
  const ask = async (type: number, id: number, words: Buffer): Promise<Buffer> => {
    if (over) throw unreachable('the helper has ended')
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    asked.set(id, { resolve, reject })
    const limit = setTimeout(() => reject(unreachable(`no answer in ${CONNECT_LIMIT_MS / 1000} s`)), CONNECT_LIMIT_MS)
    send(type, id, words)
    try {
      return await promise
    } finally {
      clearTimeout(limit)
      asked.delete(id)
      queueMicrotask(idle)
    }
  }

  const fall = () => {
    over = true
    for (const { reject } of asked.values()) reject(unreachable('the helper ended'))
    for (const stream of streams.values()) stream.destroy()
    for (const { stopped } of listeners.values()) stopped()
    listeners.clear()
  }
  let ending: Promise<void> | undefined
  const end = () => {
    ending ??= program.kill().catch(() => {})
    fall()
    return ending
  }
  const read = frameReader(take)
  program.stdin.on('error', () => {})
  program.stderr?.resume()
  program.stdout.on('error', () => {})
  program.stdout.on('data', (chunk: Buffer) => {
    if (over) return
    try {
      read(chunk)
    } catch {
      void end()
    }
  })
  const ended = program.exited.then(fall, fall)

  return {
    connect: async (to) => {
      const words = wordsOf(to, false)
      const id = nextId()
      // There before the answer, since data may come in the same piece. Destroying it tells the helper.
      const stream = streamOf(id)
      try {
        await ask(FRAME.connect, id, words)
        return stream
      } catch (error) {
        stream.destroy()
        throw error
      }
    },
    listen: async (at, onConnection) => {
      const words = wordsOf(at, true)
      const id = nextId()
      const { promise: closed, resolve: stopped } = Promise.withResolvers<void>()
      listeners.set(id, { onConnection, stopped })
      const close = () => {
        if (!listeners.delete(id)) return
        send(FRAME.close, id)
        stopped()
        idle()
      }
      try {
        const port = Number(plain(await ask(FRAME.listen, id, words)))
        return { ...(port > 0 && port <= 65_535 ? { port } : {}), closed, close }
      } catch (error) {
        close()
        throw error
      }
    },
    open: () => streams.size + listeners.size + asked.size,
    end,
    ended,
  }
}
