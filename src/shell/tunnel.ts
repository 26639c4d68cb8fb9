import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Fault } from '../../domain/fault.ts'

/** How long the other side may take to open a stream for an accepted connection. */
export const TUNNEL_CONNECT_LIMIT_MS = 30_000
/** Connections through one local port at a time. */
export const TUNNEL_CONNECTIONS_MAX = 32

/** Joins two streams: bytes both ways with back-pressure, the end of one direction passed on alone, a failure of one ends both. */
export const joinStreams = (a: Duplex, b: Duplex): void => {
  const follow = (one: Duplex, other: Duplex) => {
    one.on('error', () => other.destroy())
    one.once('close', () => {
      // Closed after both ends: `other` has been told by its `end` and finishes what it still holds.
      if (!(one.readableEnded && one.writableFinished)) other.destroy()
    })
    if (one.destroyed) other.destroy()
    one.pipe(other)
  }
  follow(a, b)
  follow(b, a)
}

export type LocalPort = {
  readonly host: string
  readonly port: number
  /** Bytes through it so far: into the machine, and out of it. */
  traffic(): { readonly rxBytes: bigint; readonly txBytes: bigint }
  close(): Promise<void>
}

export type LocalPortOptions = {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Opens a fresh stream to the other side, one for each connection. */
  readonly connect: () => Promise<Duplex>
}

/**
 * The publisher's end of a tunnel: a local TCP port, each connection of which is joined to a stream of its own. A connection whose
 * stream cannot be opened within `TUNNEL_CONNECT_LIMIT_MS` is closed.
 *
 * @throws Fault `shell.port-taken`
 */
export const openLocalPort = async ({ host, port, connect }: LocalPortOptions): Promise<LocalPort> => {
  const sockets = new Set<Socket>()
  let [rxBytes, txBytes] = [0n, 0n]
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      rxBytes += BigInt(socket.bytesRead)
      txBytes += BigInt(socket.bytesWritten)
    })
    socket.on('error', () => socket.destroy())
    const limit = setTimeout(() => socket.destroy(), TUNNEL_CONNECT_LIMIT_MS)
    const join = (stream: Duplex) => {
      clearTimeout(limit)
      if (socket.destroyed) return void stream.on('error', () => {}).destroy()
      socket.once('close', () => clearTimeout(limit))
      joinStreams(socket, stream)
    }
    connect().then(join, () => {
      clearTimeout(limit)
      socket.destroy()
    })
  })
  server.maxConnections = TUNNEL_CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Fault('shell.port-taken', `Port ${port} on ${host} cannot be opened.`, {
          culprit: 'you',
          next: 'Choose another port, or 0 for any free one.',
          cause,
        }),
      ),
    )
    server.listen({ host, port }, resolve)
  })
  const address = server.address()
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : port,
    traffic: () => {
      const open = [...sockets]
      const sum = (of: (socket: Socket) => number) => open.reduce((total, socket) => total + BigInt(of(socket)), 0n)
      return { rxBytes: rxBytes + sum((it) => it.bytesRead), txBytes: txBytes + sum((it) => it.bytesWritten) }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
