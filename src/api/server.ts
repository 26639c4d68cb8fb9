import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import websocket from '@fastify/websocket'
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type onRequestHookHandler,
} from 'fastify'
import type { Logger } from 'pino'
import type { Curve } from '../../domain/chain/curve.ts'
import type { Grant } from '../../domain/session/grant.ts'
import { leases } from '../../projections/leases.ts'
import type { Clock } from '../clock/port.ts'
import type { Journal } from '../journal/port.ts'
import type { Projector } from '../projector/port.ts'
import type { Random } from '../random/port.ts'
import { cannotListen } from './cannot-listen.ts'
import { serveDashboard } from './dashboard/page.ts'
import { drain } from './drain.ts'
import { sendGraphiql, serveGraphiql } from './graphiql/page.ts'
import { requestIdOf, SAFE_HEADERS } from './headers.ts'
import { readinessOf } from './health.ts'
import { hotAnswers } from './hot/answer.ts'
import { MAX_BODY_BYTES, MAX_SOCKET_MESSAGE_BYTES } from './limits.ts'
import { eventAnswers } from './live/event-answer.ts'
import { LiveStreams } from './live/live-streams.ts'
import { masker, requestScope } from './mask.ts'
import { LEASE_STAGE_LABELS, type Metrics } from './metrics.ts'
import { isOwnHost, isOwnSite, originsOf } from './origin.ts'
import type { Market } from './port.ts'
import { measureProcesses } from './process-metrics.ts'
import { Charges } from './rate.ts'
import { contextsOf } from './session/contexts.ts'
import { ANONYMOUS } from './session/principal.ts'
import { openSessions } from './session/sessions.ts'
import { isSignIn } from './session/sign-in.ts'
import { openSessionStore } from './session/store.ts'
import { socketHandler } from './socket.ts'
import { socketDoors } from './socket-doors.ts'
import { StalledReaders } from './stall.ts'
import { terminalHandler } from './terminal/handler.ts'
import { chooseProtocol, TERMINAL_PATH } from './terminal/protocol.ts'
import { createGraphql, type Graphql } from './yoga.ts'

/** How long a request may take to arrive, its head, how often both are looked at, and how long a connection may be idle, ms. */
const HTTP = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 72_000,
  /** Bytes. */
  maxHeaderSize: 16_384,
}

export type ApiOptions = {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** What `/graphql` asks for as bearer token. */
  readonly token: string
  readonly market: Market
  readonly projector: Projector
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly curve: Curve
  readonly random: Random
  readonly sessions?: SessionOptions
  /** The folder of its files; absent: there is none. */
  readonly dashboard?: string
}

/** Sessions of others than the owner. */
export type SessionOptions = {
  /** What they must remember over a restart; absent: in memory. */
  readonly path?: string
  /** By chain key, hex; any other key may read what concerns it. */
  readonly grants?: ReadonlyMap<string, Grant>
  /** Origins by which this API is reached besides its own address: `https://node.example`. */
  readonly urls?: readonly string[]
}

export type Api = {
  /** `http://host:port`. */
  readonly url: string
  /** Ends subscriptions, lets requests finish, and closes; a second call does nothing. */
  close(): Promise<void>
}

/**
 * Serves GraphQL over HTTP, SSE and WebSocket on `/graphql`, and `/healthz`, `/readyz` and `/metrics` without a token.
 * @throws Fault `api.port-taken`, `api.cannot-listen`
 */
export const openApi = async (options: ApiOptions): Promise<Api> => {
  const { host, port, token, market, projector, journal, clock, log, metrics, curve, random } = options
  const closing = new AbortController()
  let origins: ReadonlySet<string> = new Set()
  const store = await openSessionStore(options.sessions?.path)
  const { network, identity } = market.status()
  const sessions = openSessions({
    token,
    network,
    node: identity ?? '',
    origins: () => origins,
    grants: options.sessions?.grants ?? new Map(),
    store,
    clock,
    curve,
    random,
  })
  const contexts = contextsOf({ market, projector, journal, clock, metrics, sessions, closing: closing.signal })
  const mask = masker(log)
  const graphql = createGraphql(metrics, mask)
  const streams = new LiveStreams()
  const charges = new Charges(clock)
  const running = new Set<object>()
  /** Who has paid for its document before it came here. */
  const paid = new WeakSet<IncomingMessage>()
  let draining = false
  const hot = hotAnswers({
    graphql,
    metrics,
    running,
    letIn({ headers }) {
      const isOwn = isOwnHost(host, headers.host, origins) && isOwnSite(headers, origins)
      const principal = isOwn && !draining ? sessions.authenticate(headers.authorization) : undefined
      return principal && contexts(principal)
    },
    charge(req, { principal }, query) {
      const isPaid = charges.document(principal, req.socket.remoteAddress ?? '', query) === 0
      if (isPaid) paid.add(req)
      return isPaid
    },
  })
  const app = fastify({
    loggerInstance: log as never,
    logController: new LogController({ disableRequestLogging: true }),
    // Nothing is logged by request but what `mask` logs: a child for each would be a tenth of a small query.
    childLoggerFactory: (logger) => logger,
    genReqId: requestIdOf,
    serverFactory: (listener) => createServer(HTTP, (req, res) => hot(req, res, listener)),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
  }) as unknown as FastifyInstance
  app.decorateRequest('api', null)
  // Browsers may send plain text to another site without asking it first.
  app.removeContentTypeParser('text/plain')
  const stalls = new StalledReaders(clock)
  await app.register(websocket, { options: { maxPayload: MAX_SOCKET_MESSAGE_BYTES, handleProtocols: chooseProtocol } })
  // Hooks that wait for nothing call back: each promise would be a turn of the queue.
  app.addHook('onResponse', (req, reply, done) => {
    const labels = { method: req.method, route: req.routeOptions.url ?? 'unknown', status: `${reply.statusCode}` }
    if (!isStream(reply)) metrics.httpSeconds.observe(labels, reply.elapsedTime / 1_000)
    done()
  })
  app.setErrorHandler((error: { statusCode?: number }, req, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ err: error, requestId: req.id }, 'a request failed')
    return refuse(reply, status, REFUSALS[status] ?? (status >= 500 ? 'api.internal' : 'api.bad-request'))
  })
  app.setNotFoundHandler((_, reply) => refuse(reply, 404, 'api.not-found'))

  const guard = (req: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    if (!isOwnSite(req.headers, origins)) return refused(reply, 403, 'api.foreign-origin')
    if (draining) return refused(reply.header('retry-after', '1'), 503, 'api.draining')
    if (req.ws || isPage(req)) return undefined
    const { authorization } = req.headers
    // Signing in needs no token; what the request is shows in its body, which has not come yet.
    const principal = authorization || req.method !== 'POST' ? sessions.authenticate(authorization) : ANONYMOUS
    if (principal === undefined) return unauthorized(req, reply)
    running.add(req)
    // Streams are written past Fastify, which does not tell of their end.
    reply.raw.once('close', () => running.delete(req))
    req.api = contexts(principal)
    return undefined
  }
  const admit = (req: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    if (req.api === null) return undefined
    const { principal } = req.api
    if (principal.kind === 'anonymous' && !isSignIn(req.body)) return unauthorized(req, reply)
    if (paid.has(req.raw)) return undefined
    const asked = (req.method === 'POST' ? req.body : req.query) as { readonly query?: unknown } | null
    return limited(reply, charges.document(principal, req.ip, asked?.query))
  }
  const limited = (reply: FastifyReply, waitS: number): FastifyReply | undefined =>
    waitS === 0 ? undefined : refused(reply.header('retry-after', `${waitS}`), 429, 'api.rate-limited')
  /** Guessing costs: who does so often waits before the next answer. */
  const unauthorized = (req: FastifyRequest, reply: FastifyReply): FastifyReply =>
    limited(reply, charges.unknown(req.ip)) ??
    refused(reply.header('www-authenticate', 'Bearer'), 401, 'api.unauthorized')
  const refused = (reply: FastifyReply, status: number, why: string): FastifyReply => {
    metrics.refusedRequests.inc({ why })
    return refuse(reply, status, why)
  }
  /** What has not answered lets the request go on. */
  const before =
    (judge: (req: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined): onRequestHookHandler =>
    (req, reply, done) => {
      if (judge(req, reply) === undefined) done()
    }
  app.addHook(
    'onRequest',
    before((req, reply) => {
      reply.headers(SAFE_HEADERS).header('x-request-id', req.id)
      return isOwnHost(host, req.headers.host, origins) ? undefined : refused(reply, 403, 'api.foreign-host')
    }),
  )
  const doors = socketDoors({ sessions, contexts })
  const answer = eventAnswers({ graphql, streams, stalls, mask }, (req, reply) => respond(graphql, req, reply))
  app.route({
    method: 'GET',
    url: '/graphql',
    onRequest: before(guard),
    preHandler: before(admit),
    handler: (req, reply) => (isPage(req) ? sendGraphiql(reply) : answer(req, reply)),
    wsHandler: socketHandler({ graphql, doors, charges, stalls, streams, mask }),
  })
  app.route({
    method: 'GET',
    url: TERMINAL_PATH,
    onRequest: before(guard),
    handler: (_, reply) => refuse(reply.header('upgrade', 'websocket'), 426, 'api.upgrade-required'),
    wsHandler: terminalHandler({ doors, charges, mask }),
  })
  app.route({ method: 'POST', url: '/graphql', onRequest: before(guard), preHandler: before(admit), handler: answer })

  serveGraphiql(app)
  if (options.dashboard !== undefined) serveDashboard(app, options.dashboard)

  const asked = { projector, journal, clock }
  app.get('/healthz', async () => ({ ...(await readinessOf(asked)), ok: true }))
  app.get('/readyz', async (_, reply) => {
    const found = await readinessOf(asked)
    const readiness = draining ? { ...found, ok: false, reason: 'api.draining', next: 'It stops: ask another.' } : found
    return reply.status(readiness.ok ? 200 : 503).send(readiness)
  })
  app.get('/metrics', async (_, reply) => {
    const { position, head } = await readinessOf(asked)
    if (head !== undefined) {
      metrics.journalHead.set(head)
      metrics.projectionLag.set(head - position)
    }
    measureProcesses(metrics, { projector, clock })
    for (const stage of LEASE_STAGE_LABELS) metrics.leases.set({ stage }, projector.count(leases, { stage }))
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })

  await app.listen({ host, port }).catch(async (cause: unknown) => {
    await app.close()
    store.close()
    throw cannotListen(host, port, cause)
  })
  const bound = (app.server.address() as AddressInfo).port
  origins = new Set([...originsOf(host, bound), ...(options.sessions?.urls ?? [])])

  let closed: Promise<void> | undefined
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () => {
      draining = true
      closed ??= drain(app, closing, running).finally(() => store.close())
      return closed
    },
  }
}

const REFUSALS: Readonly<Record<number, string>> = { 413: 'api.too-large', 415: 'api.content-type' }

/** GraphiQL itself, for a browser's address line; it asks with the token that a person types into its headers. */
const isPage = (req: FastifyRequest): boolean =>
  req.method === 'GET' && req.headers.accept?.includes('text/html') === true && !req.url.includes('query=')

const isStream = (reply: FastifyReply): boolean => `${reply.getHeader('content-type')}`.startsWith('text/event-stream')

const refuse = (reply: FastifyReply, status: number, code: string): FastifyReply =>
  reply.status(status).send({ errors: [{ message: code, extensions: { code, requestId: reply.request.id } }] })

const respond = async (graphql: Graphql, req: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  const response = await requestScope.run(req.id, () =>
    graphql.handleNodeRequestAndResponse(req, reply, { req, reply }),
  )
  response.headers.forEach((value, key) => void reply.header(key, value))
  return reply.status(response.status).send(response.body)
}
