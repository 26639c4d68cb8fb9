import type { FastifyReply, FastifyRequest } from 'fastify'
import { type DocumentNode, GraphQLError, getOperationAST } from 'graphql'
import type { Mask } from '../mask.ts'
import { plainRequest } from '../plain-request.ts'
import { contextOf } from '../session/request-context.ts'
import type { StalledReaders } from '../stall.ts'
import type { Graphql } from '../yoga.ts'
import { EventOutlet } from './event-outlet.ts'
import type { LiveStreams } from './live-streams.ts'
import { PING, Pings } from './pings.ts'
import { askedOf, type Question } from './question.ts'
import type { Subscriber } from './subscriber.ts'

type Handler = (req: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

type Parts = {
  readonly graphql: Graphql
  readonly streams: LiveStreams
  readonly stalls: StalledReaders
  readonly mask: Mask
}

/**
 * Answers subscriptions that follow the log with server-sent events, as Yoga does, but shared. Everything else is Yoga's, also what
 * is wrong with a subscription: there is one place that words errors.
 */
export const eventAnswers = ({ graphql, streams, stalls, mask }: Parts, yoga: Handler): Handler => {
  const pings = new Pings()
  return async (req, reply) => {
    const question = await questionOf(req)
    if (question === undefined) return yoga(req, reply)
    const { raw } = reply.headers(HEADERS).hijack()
    raw.writeHead(200, reply.getHeaders() as Record<string, string>)
    raw.write(PING)
    const subscriber = streams.subscribe(question, new EventOutlet(raw))
    const unwatch = stalls.watch({ backlog: () => raw.writableLength, end: () => raw.destroy() })
    const unping = pings.add(raw)
    const left = new AbortController()
    raw.once('close', () => {
      unwatch()
      unping()
      left.abort()
      subscriber.end()
    })
    endWithSession(question, subscriber, left.signal)
    await subscriber.next().then(
      () => raw.end(COMPLETE),
      // A session that is over is told so. After a fault the connection breaks, and whoever reads goes on behind what it has.
      (error: unknown) =>
        isOver(error)
          ? raw.end(`event: next\ndata: ${JSON.stringify({ errors: [error] })}\n\n${COMPLETE}`)
          : raw.destroy(),
    )
    return reply
  }

  async function questionOf(req: FastifyRequest): Promise<Question | undefined> {
    if (req.method !== 'POST' || req.headers.accept?.includes('text/event-stream') !== true) return undefined
    const asked = plainRequest(req)
    if (asked === undefined || req.api === null || !asked.query.includes('subscription')) return undefined
    const document = subscriptionIn(graphql, asked.query, asked.operationName ?? undefined)
    if (document === undefined) return undefined
    const { schema } = graphql.getEnveloped({})
    const contextValue = contextOf(req, asked)
    const found = await askedOf({
      schema,
      document,
      text: asked.query,
      operationName: asked.operationName ?? null,
      variableValues: asked.variables ?? {},
      contextValue,
      requestId: req.id,
      mask,
    })
    if ('key' in found) return found as Question
    if ('return' in found) void found.return()
    return undefined
  }
}

const HEADERS = {
  'content-type': 'text/event-stream',
  connection: 'keep-alive',
  'cache-control': 'no-cache',
  'content-encoding': 'none',
}
const COMPLETE = 'event: complete\ndata:\n\n'

/** A document without fault whose operation is a subscription. */
const subscriptionIn = (
  graphql: Graphql,
  query: string,
  operationName: string | undefined,
): DocumentNode | undefined => {
  const engine = graphql.getEnveloped({})
  try {
    const document: DocumentNode = engine.parse(query)
    if (getOperationAST(document, operationName)?.operation !== 'subscription') return undefined
    return engine.validate(engine.schema, document).length === 0 ? document : undefined
  } catch (error) {
    if (error instanceof GraphQLError) return undefined
    throw error
  }
}

const isOver = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions['code'] === 'api.session-over'

/** Also while nothing happens that could be told. */
const endWithSession = ({ context, check }: Question, subscriber: Subscriber, left: AbortSignal): void => {
  if (context.principal.kind !== 'session') return
  context.sessions.untilOver(context.principal, left).then(
    () => {
      try {
        check()
      } catch (over) {
        subscriber.end(over)
      }
    },
    () => undefined,
  )
}
