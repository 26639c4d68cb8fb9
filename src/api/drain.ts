import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** How long requests that run get to finish when the server closes, ms. */
export const DRAIN_MS = 5_000

/** While requests finish, the server still answers that it drains. Whoever is on a socket is told to come back elsewhere. */
export const drain = async (
  app: FastifyInstance,
  closing: AbortController,
  running: ReadonlySet<object>,
): Promise<void> => {
  const sockets = app.websocketServer.clients
  for (const socket of sockets) socket.close(GOING_AWAY, 'the node stops')
  closing.abort()
  const until = performance.now() + DRAIN_MS
  while (running.size > 0 && performance.now() < until) await delay(DRAIN_LOOK_MS)
  const timer = setTimeout(
    () => {
      for (const socket of sockets) socket.terminate()
      app.server.closeAllConnections()
    },
    Math.max(DRAIN_LOOK_MS, until - performance.now()),
  )
  await app.close()
  clearTimeout(timer)
}

/** RFC 6455 § 7.4.1 */
const GOING_AWAY = 1001
const DRAIN_LOOK_MS = 20
