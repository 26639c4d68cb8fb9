import type { FastifyRequest } from 'fastify'
import { CloseCode, type Server } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { type Mask, requestScope } from './mask.ts'

export type SocketExtra = { readonly socket: WebSocket; readonly request: FastifyRequest }

/** How often a socket is asked whether it is there, and how long it may take to say so, ms. */
export const SOCKET_PING_MS = 12_000

/**
 * Gives a socket to graphql-ws. Its own adapter holds the bytes of a message until it is done with it, which for a subscription is its
 * end: 850 bytes for each.
 */
export const serveSocket = (server: Server<SocketExtra>, extra: SocketExtra, mask: Mask): void => {
  const { socket, request } = extra
  const failed = (error: unknown): void => {
    requestScope.run(request.id, () => mask(error))
    socket.close(CloseCode.InternalServerError, 'Internal server error')
  }
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve()
          socket.send(text, (error) => (error ? reject(error) : resolve()))
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) => socket.on('message', (data) => void take(String(data)).catch(failed)),
    },
    extra,
  )
  const unping = keptAlive(socket)
  socket.once('error', () => socket.close(CloseCode.InternalServerError, 'Internal server error'))
  socket.once('close', (code, reason) => {
    unping()
    void closed(code, String(reason))
  })
}

/** Ends a socket that does not answer pings; of one that is paused no answer can be read. @returns ends the pings */
export const keptAlive = (socket: WebSocket): (() => void) => {
  let isThere = true
  socket.on('pong', () => {
    isThere = true
  })
  const timer = setInterval(() => {
    if (!isThere && !socket.isPaused) return socket.terminate()
    isThere = socket.isPaused
    socket.ping()
  }, SOCKET_PING_MS)
  return () => clearInterval(timer)
}
