import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PAGE_POLICY } from '../headers.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
/** What a file that the build made can be called. */
const FILE = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,120}$/
/** The sum of its content is in a file's name: it never changes. */
const FOR_EVER = 'public, max-age=31536000, immutable'

const NOT_BUILT =
  'The dashboard is not built here: run npm run dashboard in the project’s folder, then load this again.\n'

type Found = { readonly content: Buffer; readonly isGzip: boolean }

/**
 * The dashboard as it was built: `/` and every path of a screen are one page, whose own program finds the screen. Files are the same for
 * everybody and ask for no token.
 *
 * @param folder with `index.html` and `assets/`, each also as `.gz`
 */
export const serveDashboard = (app: FastifyInstance, folder: string): void => {
  const found = async (path: string, { headers }: FastifyRequest): Promise<Found | undefined> => {
    const isGzip = `${headers['accept-encoding'] ?? ''}`.includes('gzip')
    if (isGzip) {
      const content = await readFile(join(folder, `${path}.gz`)).catch(() => undefined)
      if (content !== undefined) return { content, isGzip }
    }
    const content = await readFile(join(folder, path)).catch(() => undefined)
    return content && { content, isGzip: false }
  }
  const send = (reply: FastifyReply, { content, isGzip }: Found, type: string, lasts: string): FastifyReply => {
    if (isGzip) reply.header('content-encoding', 'gzip')
    return reply
      .header('content-security-policy', PAGE_POLICY)
      .header('cache-control', lasts)
      .header('vary', 'accept-encoding')
      .type(type)
      .send(content)
  }
  const page = async (req: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const index = await found('index.html', req)
    return index === undefined
      ? reply.status(503).type('text/plain; charset=utf-8').send(NOT_BUILT)
      : send(reply, index, 'text/html; charset=utf-8', 'no-cache')
  }
  app.get('/', page)
  app.get<{ Params: { file: string } }>('/assets/:file', async (req, reply) => {
    const { file } = req.params
    const type = TYPES[extname(file)]
    const content = FILE.test(file) && type !== undefined ? await found(join('assets', file), req) : undefined
    return content === undefined || type === undefined ? reply.callNotFound() : send(reply, content, type, FOR_EVER)
  })
  // What a browser asks for by its address line, and nothing else: programs that mistype a path are told so.
  app.get('/*', (req, reply) =>
    req.headers.accept?.includes('text/html') === true ? page(req, reply) : reply.callNotFound(),
  )
}
