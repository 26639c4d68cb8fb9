import type { ApiContext } from '../schema/context.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks and what it is given, set once the request was let in; for a WebSocket, once it said who it is. */
    api: ApiContext | null
  }
}

type Params = {
  readonly query?: unknown
  readonly operationName?: unknown
  readonly variables?: unknown
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/**
 * The context of one operation of a request that was let in.
 * @throws Error when it was not: a bug
 */
export const contextOf = ({ api }: { readonly api: ApiContext | null }, params: Params | undefined): ApiContext => {
  if (api === null) throw new Error('a request was not let in')
  if (api.principal.kind === 'owner') return api
  const { query, operationName, variables, extensions } = params ?? {}
  return {
    ...api,
    order: {
      query: typeof query === 'string' ? query : '',
      operationName: typeof operationName === 'string' ? operationName : '',
      variables: variables ?? {},
      signed: extensions?.['order'],
    },
  }
}
