import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { Fault } from '../../../domain/fault.ts'
import { basicAuth, type RpcLogin } from './cookie.ts'
import { RPC, RpcError } from './error-code.ts'

/** A block of 4 MB in hex, twice over. */
export const MAX_RPC_BODY_BYTES = 16 * 1024 * 1024
export const MAX_RPC_BATCH = 1000
/** For the whole request to arrive. */
export const RPC_REQUEST_TIMEOUT_MS = 30_000

const callSchema = z.object({
  jsonrpc: z.string().optional(),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string().max(100),
  params: z
    .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
    .nullish()
    .transform((params) => params ?? []),
})
export type RpcParams = z.infer<typeof callSchema>['params']
type Id = string | number | null
/** JSON-RPC 2.0 has either a result or an error; what came before has both, one of them null. */
type Answer = { jsonrpc?: '2.0'; result?: unknown; error?: { code: number; message: string } | null; id: Id }

export type HttpRpcOptions = {
  readonly bind: string
  readonly port: number
  readonly logins: readonly RpcLogin[]
  call(method: string, params: RpcParams, signal: AbortSignal): Promise<unknown>
}
export type HttpRpc = { readonly port: number; close(): Promise<void> }

/**
 * JSON-RPC over HTTP as bitcoind serves it: basic authentication, single calls and batches, HTTP 404 for an unknown
 * method and 500 for another error of a single call (clients from before JSON-RPC 2.0 look at that).
 *
 * @throws Fault `chain.port-taken`
 */
export const serveHttpRpc = async (options: HttpRpcOptions): Promise<HttpRpc> => {
  const logins = options.logins.map((login) => digest(basicAuth(login)))
  const server = createServer((request, response) => {
    answer(request, response, logins, options).catch(() => response.destroy())
  })
  server.requestTimeout = RPC_REQUEST_TIMEOUT_MS
  await listen(server, options)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const listen = (server: Server, { bind, port }: HttpRpcOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code !== 'EADDRINUSE'
          ? cause
          : new Fault('chain.port-taken', `${bind}:${port} is taken by another program`, {
              culprit: 'you',
              next: `Stop what listens on ${port}, or choose another port with --rpc-port.`,
              cause,
            }),
      ),
    )
    server.listen(port, bind, resolve)
  })

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  logins: Uint8Array[],
  options: HttpRpcOptions,
): Promise<void> => {
  const given = digest(request.headers.authorization ?? '')
  if (!logins.some((login) => timingSafeEqual(login, given)))
    return reply(response, 401, undefined, { 'www-authenticate': 'Basic realm="jsonrpc"' })
  if (request.method !== 'POST') return reply(response, 405, undefined, { allow: 'POST' })
  const body = await readBody(request)
  if (body === undefined) return reply(response, 413, undefined, { connection: 'close' })
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return reply(response, 500, failure(null, new RpcError(RPC.parse, 'Parse error')))
  }
  if (!Array.isArray(parsed)) {
    const one = await callOne(parsed, options, gone.signal)
    return reply(response, httpStatus(parsed, one), one)
  }
  if (parsed.length > MAX_RPC_BATCH)
    return reply(response, 500, failure(null, new RpcError(RPC.invalidRequest, `more than ${MAX_RPC_BATCH} calls`)))
  const answers: Answer[] = []
  for (const call of parsed) answers.push(await callOne(call, options, gone.signal))
  reply(response, 200, answers)
}

const callOne = async (raw: unknown, options: HttpRpcOptions, signal: AbortSignal): Promise<Answer> => {
  const call = callSchema.safeParse(raw)
  if (!call.success) return failure(null, new RpcError(RPC.invalidRequest, 'Invalid Request object'))
  const id = call.data.id ?? null
  try {
    const result = (await options.call(call.data.method, call.data.params, signal)) ?? null
    return isNewer(raw) ? { jsonrpc: '2.0', result, id } : { result, error: null, id }
  } catch (error) {
    return failure(id, error, isNewer(raw))
  }
}

const isNewer = (raw: unknown): boolean => (raw as { jsonrpc?: unknown } | null)?.jsonrpc === '2.0'

const failure = (id: Id, error: unknown, newer = false): Answer => ({
  ...(newer ? { jsonrpc: '2.0' } : { result: null }),
  error:
    error instanceof RpcError
      ? { code: error.code, message: error.message }
      : { code: RPC.internal, message: error instanceof Fault ? error.code : 'internal error' },
  id,
})

const httpStatus = (raw: unknown, { error }: Answer): number => {
  if (!error || isNewer(raw)) return 200
  if (error.code === RPC.methodNotFound) return 404
  return error.code === RPC.invalidRequest ? 400 : 500
}

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    size += (part as Buffer).length
    if (size > MAX_RPC_BODY_BYTES) return undefined
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}

const reply = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  const text = body === undefined ? '' : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(text)
}
