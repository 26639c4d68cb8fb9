import type { WebsocketHandler } from '@fastify/websocket'
import { type ExecutionArgs, GraphQLError } from 'graphql'
import { type Extra, makeHandler } from 'graphql-ws/use/@fastify/websocket'
import type { WebSocket } from 'ws'
import { MAX_SESSION_SOCKETS, MAX_SOCKET_SUBSCRIPTIONS, MAX_UNKNOWN_SOCKETS, SOCKET_INIT_MS } from './limits.ts'
import { requestScope } from './mask.ts'
import type { Charges } from './rate.ts'
import type { ApiContext } from './schema/context.ts'
import type { Principal } from './session/principal.ts'
import type { Sessions } from './session/sessions.ts'
import type { StalledReaders } from './stall.ts'
import type { Graphql } from './yoga.ts'

export type SocketParts = {
  readonly graphql: Graphql
  readonly sessions: Sessions
  readonly contexts: (principal: Principal) => ApiContext
  readonly charges: Charges
  readonly stalls: StalledReaders
}

type Params = { readonly authorization?: unknown; readonly Authorization?: unknown; readonly token?: unknown }

/**
 * graphql-transport-ws on `/graphql`. The token comes in `connection_init`: `{"authorization": "Bearer …"}`, or `{"token": "…"}`.
 * Each event is written out before the next one is asked for, so a reader that stalls stalls only itself.
 */
export const socketHandler = ({ graphql, sessions, contexts, charges, stalls }: SocketParts): WebsocketHandler => {
  const open = new WeakMap<object, Set<string>>()
  const unknown = new Counts()
  const known = new Counts()
  const handle = makeHandler<Record<string, unknown>, Record<PropertyKey, never>>({
    connectionInitWaitTimeout: SOCKET_INIT_MS,
    isProd: true,
    onConnect: ({ connectionParams, extra: { socket, request } }) => {
      const { authorization, Authorization, token: bare } = (connectionParams ?? {}) as Params
      open.set(socket, new Set())
      const principal = sessions.authenticate(authorization ?? Authorization ?? `Bearer ${bare}`)
      if (principal === undefined) return false
      if (principal.kind === 'session') {
        if (known.of(principal.key) >= MAX_SESSION_SOCKETS) {
          socket.close(TRY_AGAIN_LATER, `expected at most ${MAX_SESSION_SOCKETS} sockets of a key`)
          return false
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
      return true
    },
    onSubscribe: async ({ extra }, id, payload) => {
      const subscriptions = open.get(extra.socket)
      if (subscriptions === undefined || subscriptions.size >= MAX_SOCKET_SUBSCRIPTIONS)
        return [
          new GraphQLError(`expected at most ${MAX_SOCKET_SUBSCRIPTIONS} subscriptions on a socket`, {
            extensions: { code: 'api.too-many-subscriptions' },
          }),
        ]
      const { api, ip } = extra.request
      const waitS = api === null ? 0 : charges.document(api.principal, ip, payload.query)
      if (waitS > 0)
        return [
          new GraphQLError(`too much was asked for: wait ${waitS} s`, {
            extensions: { code: 'api.rate-limited', retryAfterSeconds: waitS },
          }),
        ]
      // Counted before the first wait, so that a flood of them is counted too.
      subscriptions.add(id)
      const args = await prepared(graphql, extra, payload)
      if (Array.isArray(args)) subscriptions.delete(id)
      return args
    },
    onComplete: ({ extra }, id) => void open.get(extra.socket)?.delete(id),
    // Both belong to the engine that parsed and validated this operation.
    execute: (args) => scoped(args).execute(args),
    subscribe: (args) => scoped(args).subscribe(args),
  })
  return function (socket, req) {
    if (unknown.of(req.ip) >= MAX_UNKNOWN_SOCKETS) return socket.close(TRY_AGAIN_LATER, 'too many sockets')
    unknown.hold(req.ip, socket)
    const unwatch = stalls.watch({ backlog: () => socket.bufferedAmount, end: () => socket.terminate() })
    socket.once('close', unwatch)
    handle.call(this, socket, req)
  }
}

/** graphql-transport-ws: not, or not any more, allowed. */
const FORBIDDEN = 4403
/** IANA WebSocket close codes. */
const TRY_AGAIN_LATER = 1013

/** How many sockets each has. */
class Counts {
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

type Enveloped = ReturnType<Graphql['getEnveloped']>
type Scope = Pick<Enveloped, 'execute' | 'subscribe'>

const scoped = (args: unknown): Scope => (args as { rootValue: Scope }).rootValue

const prepared = async (
  graphql: Graphql,
  extra: Extra,
  payload: {
    query: string
    operationName?: string | null | undefined
    variables?: Record<string, unknown> | null | undefined
  },
): Promise<ExecutionArgs | GraphQLError[]> => {
  const engine = graphql.getEnveloped({ req: extra.request, params: payload })
  const inScope =
    <A extends unknown[], R>(run: (...args: A) => R) =>
    (...args: A): R =>
      requestScope.run(extra.request.id, () => run(...args))
  try {
    const document = engine.parse(payload.query)
    const errors = engine.validate(engine.schema, document)
    if (errors.length > 0) return [...errors]
    return {
      schema: engine.schema,
      operationName: payload.operationName ?? null,
      document,
      variableValues: payload.variables ?? {},
      contextValue: await engine.contextFactory(),
      rootValue: { execute: inScope(engine.execute), subscribe: inScope(engine.subscribe) },
    }
  } catch (error) {
    // Thrown out of here it would close the socket, and with it the other subscriptions on it.
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}
