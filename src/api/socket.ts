import type { WebsocketHandler } from '@fastify/websocket'
import { type ExecutionArgs, GraphQLError } from 'graphql'
import { type Extra, makeHandler } from 'graphql-ws/use/@fastify/websocket'
import { MAX_SOCKET_SUBSCRIPTIONS, SOCKET_INIT_MS } from './limits.ts'
import { requestScope } from './mask.ts'
import type { ApiContext } from './schema/context.ts'
import type { Principal } from './session/principal.ts'
import type { Sessions } from './session/sessions.ts'
import type { Graphql } from './yoga.ts'

type Params = { readonly authorization?: unknown; readonly Authorization?: unknown; readonly token?: unknown }

/**
 * graphql-transport-ws on `/graphql`. The token comes in `connection_init`: `{"authorization": "Bearer …"}`, or `{"token": "…"}`.
 * Each event is written out before the next one is asked for, so a reader that stalls stalls only itself.
 */
export const socketHandler = (
  graphql: Graphql,
  sessions: Sessions,
  contexts: (principal: Principal) => ApiContext,
): WebsocketHandler => {
  const open = new WeakMap<object, Set<string>>()
  return makeHandler<Record<string, unknown>, Record<PropertyKey, never>>({
    connectionInitWaitTimeout: SOCKET_INIT_MS,
    isProd: true,
    onConnect: ({ connectionParams, extra }) => {
      const { authorization, Authorization, token: bare } = (connectionParams ?? {}) as Params
      open.set(extra.socket, new Set())
      const principal = sessions.authenticate(authorization ?? Authorization ?? `Bearer ${bare}`)
      if (principal === undefined) return false
      extra.request.api = contexts(principal)
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
