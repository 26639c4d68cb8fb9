import type { FastifyRequest } from 'fastify'

export type PlainRequest = {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: Record<string, unknown> | null
}

/** Whether a `content-type` is that of a JSON body. */
export const isJson = (contentType: string | undefined): boolean =>
  /^application\/json(; ?charset=utf-8)?$/i.test(contentType ?? '')

/** A body with a query, and perhaps variables and the operation's name, and nothing else; undefined for any other. */
export const plainRequest = (req: FastifyRequest): PlainRequest | undefined =>
  isJson(req.headers['content-type']) ? plainBody(req.body) : undefined

export const plainBody = (body: unknown): PlainRequest | undefined => {
  if (typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string')
    return undefined
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
