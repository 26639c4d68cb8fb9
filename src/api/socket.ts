import type { WebsocketHandler } from '@fastify/websocket'
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { makeServer } from 'graphql-ws'
import { MAX_SOCKET_SUBSCRIPTIONS, SOCKET_INIT_MS } from './limits.ts'
import type { LiveStreams } from './live/live-streams.ts'
import { type Asked, askedOf } from './live/question.ts'
import { SocketOutlet, Wire } from './live/socket-outlet.ts'
import { type Mask, requestScope } from './mask.ts'
import type { Charges } from './rate.ts'
import { contextOf } from './session/request-context.ts'
import type { SocketDoors } from './socket-doors.ts'
import { type SocketExtra, serveSocket } from './socket-server.ts'
import type { StalledReaders } from './stall.ts'
import type { Graphql } from './yoga.ts'

export type SocketParts = {
  readonly graphql: Graphql
  readonly doors: SocketDoors
  readonly charges: Charges
  readonly stalls: StalledReaders
  readonly streams: LiveStreams
  readonly mask: Mask
}

type Params = { readonly authorization?: unknown; readonly Authorization?: unknown; readonly token?: unknown }

/**
 * graphql-transport-ws on `/graphql`. The token comes in `connection_init`: `{"authorization": "Bearer …"}`, or `{"token": "…"}`.
 * Subscriptions that follow the log are told by `LiveStreams`; graphql-ws keeps their ids, and ends them. Of others each event is written
 * out before the next one is asked for, so a reader that stalls stalls only itself.
 */
export const socketHandler = (parts: SocketParts): WebsocketHandler => {
  const { doors, charges, stalls } = parts
  const open = new WeakMap<object, Set<string>>()
  const wires = new WeakMap<object, Wire>()
  const server = makeServer<Record<string, unknown>, SocketExtra>({
    connectionInitWaitTimeout: SOCKET_INIT_MS,
    onConnect: ({ connectionParams, extra: { socket, request } }) => {
      const { authorization, Authorization, token: bare } = (connectionParams ?? {}) as Params
      open.set(socket, new Set())
      return doors.enter(socket, request, authorization ?? Authorization ?? `Bearer ${bare}`) !== undefined
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
      const args = await prepared(parts, extra, payload, new SocketOutlet(wires.get(extra.socket)!, id))
      if (Array.isArray(args)) subscriptions.delete(id)
      return args
    },
    onComplete: ({ extra }, id) => void open.get(extra.socket)?.delete(id),
    // What the subscriber is told, and not what graphql-ws wraps around it.
    onError: (_, __, ___, errors) =>
      errors.map((error) => (error.cause instanceof GraphQLError ? error.cause : error).toJSON()),
    // Both belong to the engine that parsed and validated this operation.
    execute: (args) => scoped(args).execute(args),
    subscribe: (args) => scoped(args).subscribe(args as never) as Promise<AsyncGenerator<ExecutionResult>>,
  })
  return (socket, req) => {
    if (!doors.arrive(socket, req)) return
    wires.set(socket, new Wire(socket, req.socket))
    const unwatch = stalls.watch({ backlog: () => socket.bufferedAmount, end: () => socket.terminate() })
    socket.once('close', unwatch)
    serveSocket(server, { socket, request: req }, parts.mask)
  }
}

type Enveloped = ReturnType<Graphql['getEnveloped']>
type Scope = Pick<Enveloped, 'execute'> & { readonly subscribe: (args: never) => unknown }

const scoped = (args: unknown): Scope => (args as { rootValue: Scope }).rootValue

type Payload = {
  query: string
  operationName?: string | null | undefined
  variables?: Record<string, unknown> | null | undefined
}

const prepared = async (
  parts: SocketParts,
  { request }: SocketExtra,
  payload: Payload,
  outlet: SocketOutlet,
): Promise<ExecutionArgs | GraphQLError[]> => {
  const engine = parts.graphql.getEnveloped({ req: request, params: payload })
  try {
    const document = engine.parse(payload.query)
    const errors = engine.validate(engine.schema, document)
    if (errors.length > 0) return [...errors]
    const args = {
      schema: engine.schema,
      operationName: payload.operationName ?? null,
      document,
      variableValues: payload.variables ?? {},
    }
    if (getOperationAST(document, args.operationName)?.operation === 'subscription') {
      const contextValue = contextOf(request, payload)
      return subscribed(parts, { ...args, contextValue, text: payload.query, requestId: request.id }, outlet)
    }
    const execute: Enveloped['execute'] = (...given) => requestScope.run(request.id, () => engine.execute(...given))
    return { ...args, contextValue: await engine.contextFactory(), rootValue: { execute } }
  } catch (error) {
    // Thrown out of here it would close the socket, and with it the other subscriptions on it.
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

/** Apart from the engine, and asked once: graphql-ws holds what it is given for as long as the subscription lasts. */
const subscribed = (
  { streams, mask }: SocketParts,
  asked: Omit<Asked, 'mask'>,
  outlet: SocketOutlet,
): ExecutionArgs => {
  let unasked: Omit<Asked, 'mask'> | undefined = asked
  const subscribe = async () => {
    const once = unasked!
    unasked = undefined
    const found = await askedOf({ ...once, mask })
    return 'key' in found ? streams.subscribe(found, outlet) : found
  }
  const { schema, document, operationName } = asked
  return {
    schema,
    document,
    operationName: operationName ?? null,
    contextValue: asked.contextValue,
    rootValue: { subscribe },
  }
}
