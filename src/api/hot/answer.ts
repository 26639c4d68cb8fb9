import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { withDeadline } from '../deadline.ts'
import { requestScope } from '../mask.ts'
import { plainRequest } from '../plain-request.ts'
import type { Graphql } from '../yoga.ts'
import { CompiledQueries } from './compiled.ts'

type Handler = (req: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** What Yoga answers with for a request's `accept`; any other is Yoga's to judge. */
export const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '*/*': 'application/json; charset=utf-8',
  'application/json': 'application/json; charset=utf-8',
  'application/graphql-response+json': 'application/graphql-response+json; charset=utf-8',
  'application/graphql-response+json, application/json': 'application/graphql-response+json; charset=utf-8',
}

/**
 * Answers queries that were asked before from their compiled form, byte for byte as Yoga does, and leaves everything else to Yoga:
 * what is no plain JSON request, is not compiled, or did not go well. Queries only read, so asking again what failed does no harm,
 * and there is one place that words, masks and logs errors.
 */
export const hotAnswers = (graphql: Graphql, yoga: Handler): Handler => {
  const queries = new CompiledQueries(graphql)
  return async (req, reply) => {
    const accept = req.headers.accept ?? '*/*'
    const type = Object.hasOwn(MEDIA_TYPES, accept) ? MEDIA_TYPES[accept] : undefined
    const asked = type === undefined || req.method !== 'POST' ? undefined : plainRequest(req)
    const context = req.api
    const query = asked && queries.find(asked.query, asked.operationName ?? undefined)
    if (!asked || !query || !type || !context) return yoga(req, reply)
    const done = context.metrics.graphqlSeconds.startTimer({ kind: 'query' })
    try {
      const running = requestScope.run(req.id, () => query(context, asked.variables ?? {}))
      const result = running instanceof Promise ? await withDeadline(running) : running
      if (result.errors !== undefined) return await yoga(req, reply)
      done({ outcome: 'ok' })
      context.metrics.hotAnswers.inc()
      return sendJson(reply, type, result)
    } catch (cause) {
      if (!(cause instanceof GraphQLError)) throw cause
      done({ outcome: 'failed' })
      return sendJson(reply, type, { errors: [cause] })
    }
  }
}

const sendJson = (reply: FastifyReply, type: string, result: ExecutionResult): FastifyReply =>
  reply.header('content-type', type).header('x-content-type-options', 'nosniff').send(JSON.stringify(result))
