import type { FastifyRequest } from 'fastify'

export type PlainRequest = {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: Record<string, unknown> | null
}

/** A body with a query, and perhaps variables and the operation's name, and nothing else; undefined for any other. */
export const plainRequest = (req: FastifyRequest): PlainRequest | undefined => {
  if (!/^application\/json(; ?charset=utf-8)?$/i.test(req.headers['content-type'] ?? '')) return undefined
  const body = req.body as Readonly<Record<string, unknown>> | null
  if (typeof body !== 'object' || body === null || typeof body['query'] !== 'string') return undefined
  for (const [name, value] of Object.entries(body)) {
    const plain =
      name === 'query' ||
      value === null ||
      (name === 'variables' && typeof value === 'object' && !Array.isArray(value)) ||
      (name === 'operationName' && typeof value === 'string' && value !== '')
    if (!plain) return undefined
  }
  return body as PlainRequest
}
