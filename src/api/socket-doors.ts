import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { MAX_SESSION_SOCKETS, MAX_UNKNOWN_SOCKETS } from './limits.ts'
import type { ApiContext } from './schema/context.ts'
import type { Principal } from './session/principal.ts'
import type { Sessions } from './session/sessions.ts'

/** Who may have sockets, and how many: one for all paths of a server. */
export type SocketDoors = {
  /** Counts a socket that has not said who it is; closes it when its address has too many. @returns whether it may stay */
  arrive(socket: WebSocket, request: FastifyRequest): boolean
  /** Lets it in as who it says, until its session is over. @returns undefined when it may not; then it is, or is to be, closed */
  enter(socket: WebSocket, request: FastifyRequest, authorization: unknown): ApiContext | undefined
}

export type DoorParts = { readonly sessions: Sessions; readonly contexts: (principal: Principal) => ApiContext }

export const socketDoors = ({ sessions, contexts }: DoorParts): SocketDoors => {
  const unknown = new Counts()
  const known = new Counts()
  return {
    arrive(socket, { ip }) {
      if (unknown.of(ip) >= MAX_UNKNOWN_SOCKETS) {
        socket.close(TRY_AGAIN_LATER, 'too many sockets')
        return false
      }
      unknown.hold(ip, socket)
      return true
    },
    enter(socket, request, authorization) {
      const principal = sessions.authenticate(authorization)
      if (principal === undefined) return undefined
      if (principal.kind === 'session') {
        if (known.of(principal.key) >= MAX_SESSION_SOCKETS) {
          socket.close(TRY_AGAIN_LATER, `expected at most ${MAX_SESSION_SOCKETS} sockets of a key`)
          return undefined
        }
        known.hold(principal.key, socket)
        const left = new AbortController()
        socket.once('close', () => left.abort())
        sessions.untilOver(principal, left.signal).then(
          () => socket.close(FORBIDDEN, 'the session is over'),
          () => undefined,
        )
      }
      unknown.release(request.ip, socket)
      request.api = contexts(principal)
      return request.api
    },
  }
}

/** graphql-transport-ws: not, or not any more, allowed. */
export const FORBIDDEN = 4403
/** IANA WebSocket close codes. */
export const TRY_AGAIN_LATER = 1013

/** How many sockets each has. */
export class Counts {
  readonly #held = new Map<string, Set<WebSocket>>()

  of(name: string): number {
    return this.#held.get(name)?.size ?? 0
  }

  /** Until it closes. */
  hold(name: string, socket: WebSocket): void {
    const held = this.#held.get(name) ?? new Set()
    this.#held.set(name, held.add(socket))
    socket.once('close', () => this.release(name, socket))
  }

  release(name: string, socket: WebSocket): void {
    const held = this.#held.get(name)
    held?.delete(socket)
    if (held?.size === 0) this.#held.delete(name)
  }
}
