import type { FastifyReply, FastifyRequest } from 'fastify'
import { type DocumentNode, parse } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { withDeadline } from './deadline.ts'
import { limitsRule, MAX_BODY_BYTES, MAX_TOKENS } from './limits.ts'
import type { Mask } from './mask.ts'
import type { Metrics } from './metrics.ts'
import type { ApiContext } from './schema/context.ts'
import { schema } from './schema/schema.ts'
import { contextOf } from './session/request-context.ts'

export type ServerContext = { readonly req: FastifyRequest; readonly reply: FastifyReply }

/** Parsing, validation, limits, masking and execution: the same for HTTP, SSE and WebSocket. */
export const createGraphql = (metrics: Metrics, maskError: Mask) =>
  createYoga<ServerContext, ApiContext>({
    schema,
    context: ({ req, params }) => contextOf(req, params),
    graphqlEndpoint: '/graphql',
    batching: false,
    multipart: false,
    cors: false,
    landingPage: false,
    healthCheckEndpoint: '/graphql/health',
    logging: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    maskedErrors: { maskError },
    graphiql: false,
    plugins: [limits, execution(metrics)],
  })

export type Graphql = ReturnType<typeof createGraphql>

const limits: Plugin = {
  onParse({ setParseFn }) {
    setParseFn((source, options) => parse(source, { ...options, maxTokens: MAX_TOKENS }))
  },
  onValidate({ addValidationRule }) {
    addValidationRule(limitsRule)
  },
}

/** Queries and mutations have a deadline and are measured; subscriptions last as long as they are read. */
const execution = (metrics: Metrics): Plugin => ({
  onExecute({ executeFn, setExecuteFn, args }) {
    const kind =
      (args.document as DocumentNode).definitions.find((it) => it.kind === 'OperationDefinition')?.operation ?? 'query'
    setExecuteFn(async (input) => {
      const done = metrics.graphqlSeconds.startTimer({ kind })
      try {
        const result = await withDeadline(Promise.resolve(executeFn(input)))
        done({ outcome: 'errors' in result ? 'errors' : 'ok' })
        return result
      } catch (cause) {
        done({ outcome: 'failed' })
        throw cause
      }
    })
  },
})
