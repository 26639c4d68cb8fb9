import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { withDeadline } from '../deadline.ts'
import { requestIdOf, SAFE_HEADERS } from '../headers.ts'
import type { Metrics } from '../metrics.ts'
import type { ApiContext } from '../schema/context.ts'
import type { Graphql } from '../yoga.ts'
import { CompiledQueries, type CompiledQuery } from './compiled.ts'
import { askedIn, mediaTypeFor } from './request.ts'

export type HotParts = {
  readonly graphql: Graphql
  readonly metrics: Metrics
  /** What the resolvers of who asks have; undefined when the request is not let in by its head, or whoever serves it has to say so. */
  letIn(req: IncomingMessage): ApiContext | undefined
  /** Has who asks pay for a document, once for each request. @returns whether they could */
  charge(req: IncomingMessage, context: ApiContext, query: string): boolean
  /** Requests that the server waits for before it closes. */
  readonly running: Set<object>
}

type Found = { readonly query: CompiledQuery; readonly variables: Readonly<Record<string, unknown>> }

/**
 * Stands before the framework: answers queries that were asked before from their compiled form, byte for byte as Yoga does, and leaves
 * everything else as it came to `rest`: what is no plain JSON request in one piece, is not let in, is not compiled, or did not go
 * well. Queries only read, so asking again what failed does no harm, and there is one place that words, masks and logs errors.
 */
export const hotAnswers = (parts: HotParts) => {
  const queries = new CompiledQueries(parts.graphql)
  const { metrics, running } = parts

  const find = (req: IncomingMessage, context: ApiContext, chunk: Buffer): Found | undefined => {
    const asked = askedIn(req, chunk)
    const query = asked && queries.find(asked.query, asked.operationName ?? undefined)
    if (!asked || !query || !parts.charge(req, context, asked.query)) return undefined
    return { query, variables: asked.variables ?? {} }
  }

  return (req: IncomingMessage, res: ServerResponse, rest: RequestListener): void => {
    const began = performance.now()
    const type = mediaTypeFor(req)
    const context = type === undefined ? undefined : parts.letIn(req)
    if (type === undefined || context === undefined) {
      rest(req, res)
      return
    }
    const answer = (result: ExecutionResult, outcome: 'ok' | 'failed', from: number): void => {
      metrics.graphqlSeconds.observe({ kind: 'query', outcome }, (performance.now() - from) / 1_000)
      if (outcome === 'ok') metrics.hotAnswers.inc()
      sendJson(req, res, type, result)
      metrics.httpSeconds.observe(ANSWERED, (performance.now() - began) / 1_000)
    }
    /** Waits with the body put back: if it does not go well, it is read again. */
    const answerLater = async (result: Promise<ExecutionResult>, chunk: Buffer, from: number): Promise<void> => {
      putBack(req, chunk)
      running.add(req)
      res.once('close', () => running.delete(req))
      try {
        const found = await withDeadline(result)
        if (found.errors !== undefined) return rest(req, res)
        answer(found, 'ok', from)
      } catch (cause) {
        if (!(cause instanceof GraphQLError)) return rest(req, res)
        answer({ errors: [cause] }, 'failed', from)
      }
      req.resume()
    }
    const answerNow = (chunk: Buffer): boolean => {
      const found = find(req, context, chunk)
      if (found === undefined) return false
      const from = performance.now()
      // One of its own, as Yoga makes: resolvers remember by their context what they have found for one request.
      const result = found.query({ ...context }, found.variables)
      if (result instanceof Promise) void answerLater(result, chunk, from)
      else if (result.errors === undefined) answer(result, 'ok', from)
      else return false
      return true
    }
    req.once('data', (chunk: Buffer) => {
      if (isDone(() => answerNow(chunk))) return
      putBack(req, chunk)
      rest(req, res)
    })
  }
}

/** A bug of the compiled form must not end the program: Yoga is asked instead. */
const isDone = (work: () => boolean): boolean => {
  try {
    return work()
  } catch {
    return false
  }
}

const ANSWERED = { method: 'POST', route: '/graphql', status: '200' }

const putBack = (req: IncomingMessage, chunk: Buffer): void => {
  req.pause()
  req.unshift(chunk)
}

const SAFE = Object.entries(SAFE_HEADERS).flat()

/** In one write, head and body. */
const sendJson = (req: IncomingMessage, res: ServerResponse, type: string, result: ExecutionResult): void => {
  const text = JSON.stringify(result)
  const bytes = Buffer.byteLength(text)
  res.writeHead(200, [...SAFE, 'x-request-id', requestIdOf(req), 'content-type', type, 'content-length', `${bytes}`])
  // What has one byte for each character is copied as it is.
  res.end(text, bytes === text.length ? 'latin1' : 'utf8')
}
