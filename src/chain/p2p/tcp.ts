import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Fault } from '../../../domain/fault.ts'
import { type HostPort, hostPortText, type Transport, type Wire } from './port.ts'

/** Connections that wait to be taken. */
const BACKLOG = 128

/** @param from address that calls go out from; absent: the system's choice */
export const tcpTransport = ({ from }: { readonly from?: string } = {}): Transport => ({
  dial: async (to, signal) => {
    const socket = connect({ ...to, ...(from === undefined ? {} : { localAddress: from }) })
    try {
      await once(socket, 'connect', { signal })
      return wireOf(socket)
    } catch (cause) {
      socket.destroy()
      throw new Fault('chain.peer-unreachable', `no node answers at ${hostPortText(to)}`, {
        culprit: 'peer-unreachable',
        next: 'Check that a node listens there (--listen), and that the network lets it be reached.',
        cause,
      })
    }
  },
  listen: async ({ host, port }, onWire) => {
    const open = new Set<Socket>()
    const server = createServer((socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      onWire(wireOf(socket))
    })
    server.listen({ host, port, backlog: BACKLOG })
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new Fault('chain.peer-port-taken', `cannot listen for other nodes at ${hostPortText({ host, port })}`, {
        culprit: 'you',
        next: 'Choose another --p2p-port or --p2p-host, or stop what listens there.',
        cause,
      })
    }
    const address = server.address()
    return {
      at: { host, port: typeof address === 'object' && address !== null ? address.port : port },
      close: async () => {
        server.close()
        for (const socket of open) socket.destroy()
        await once(server, 'close')
      },
    }
  },
})

const wireOf = (socket: Socket): Wire => {
  socket.setNoDelay(true)
  // A broken connection shows as the end of its chunks.
  socket.on('error', () => {})
  const remote: HostPort = { host: plain(socket.remoteAddress), port: socket.remotePort ?? 0 }
  const local: HostPort = { host: plain(socket.localAddress), port: socket.localPort ?? 0 }
  return {
    remote,
    local,
    get queuedBytes() {
      return socket.writableLength
    },
    async *chunks() {
      try {
        for await (const chunk of socket) yield chunk as Uint8Array
      } catch {
        // As its end.
      }
    },
    write: (bytes) => {
      if (socket.writable) socket.write(bytes)
    },
    drained: () =>
      new Promise((resolve) => {
        if (!socket.writableNeedDrain || socket.destroyed) return resolve()
        const done = () => {
          socket.off('drain', done)
          socket.off('close', done)
          resolve()
        }
        socket.on('drain', done)
        socket.on('close', done)
      }),
    close: () => {
      socket.destroy()
    },
  }
}

/** An IPv4 address that came over an IPv6 socket, as itself. */
const plain = (address = ''): string => address.replace(/^::ffff:(?=\d+\.)/, '')
