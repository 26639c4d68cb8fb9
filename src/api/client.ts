import { setTimeout as delay } from 'node:timers/promises'
import { type Culprit, Fault } from '../../domain/fault.ts'
import { type Answered, httpPost } from './http-post.ts'
import { serverEvents } from './sse.ts'

/** How long a query or mutation may take, ms: longer than the server's own deadline. */
export const REQUEST_TIMEOUT_MS = 40_000
/** How long a broken subscription is tried again before it fails, ms. */
export const RECONNECT_FOR_MS = 60_000
const RECONNECT_FIRST_MS = 100
const RECONNECT_MOST_MS = 5_000

export type Variables = Readonly<Record<string, unknown>>

export type SubscribeOptions<T> = {
  /** Ends the subscription. */
  readonly signal?: AbortSignal
  /**
   * The log position in an event, when it has one. With it, a subscription whose connection breaks goes on behind the newest event
   * that was given (variable `after`), also when the node that ended it is started anew; without it, it fails or ends.
   */
  readonly positionOf?: (data: T) => string | undefined
}

/** GraphQL to a running node, for programs on this machine. `T` is what the document asks for: the caller knows it. */
export type GraphqlClient = {
  /**
   * A query or a mutation.
   * @throws Fault `api.unreachable`, `api.unauthorized`, `api.timeout`, `api.not-a-node`, or the code of the first error of the answer
   */
  request<T>(document: string, variables?: Variables, signal?: AbortSignal): Promise<T>
  /** A subscription; ends when the server ends it. @throws as `request` */
  subscribe<T>(document: string, variables?: Variables, options?: SubscribeOptions<T>): AsyncIterable<T>
}

type AnswerError = { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }
type Answer = { readonly data: unknown; readonly error: AnswerError | undefined }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** By hand: a schema's library costs a short command more than all that it does. @returns undefined when it is no answer of GraphQL */
const answerIn = (body: unknown): Answer | undefined => {
  if (!isObject(body)) return undefined
  const { data, errors } = body
  if (errors === undefined) return { data, error: undefined }
  if (!Array.isArray(errors) || errors.length === 0 || !errors.every(isError)) return undefined
  return { data, error: errors[0] }
}

const isError = (value: unknown): value is AnswerError =>
  isObject(value) &&
  typeof value['message'] === 'string' &&
  (value['extensions'] === undefined || isObject(value['extensions']))

/** How a client says who it is. */
export type ClientOptions = {
  readonly url: string
  /** Bearer token, or what gives the one that is good now; undefined: none, to sign in. */
  readonly token: string | (() => Promise<string>) | undefined
  /** Signs a mutation; `variables` are as they are sent, plain JSON. */
  readonly order?: (document: string, variables: Variables) => Promise<unknown>
}

export const graphqlClient = ({ url, token, order }: ClientOptions): GraphqlClient => {
  const post = async (document: string, given: Variables, accept: string, signal: AbortSignal): Promise<Answered> => {
    const variables = plain(given)
    const bearer = typeof token === 'function' ? await token() : token
    const signed = order !== undefined && MUTATION.test(document) ? await order(document, variables) : undefined
    const headers = {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      'content-type': 'application/json',
      accept,
    }
    const text = JSON.stringify({
      query: document,
      variables,
      ...(signed === undefined ? {} : { extensions: { order: signed } }),
    })
    return httpPost(new URL('/graphql', url), headers, text, signal).catch((cause: unknown) => {
      throw connectionFault(url, cause)
    })
  }

  async function* stream<T>(document: string, variables: Variables, signal: AbortSignal): AsyncGenerator<T> {
    const response = await post(document, variables, 'text/event-stream', signal)
    if (!isEvents(response)) throw await refusalOf(response)
    try {
      for await (const { event, data } of serverEvents(response.body)) {
        if (event === 'complete') return
        if (event === 'next') yield dataOf<T>(JSON.parse(data))
      }
    } catch (cause) {
      throw cause instanceof Fault ? cause : connectionFault(url, cause)
    }
    throw connectionFault(url, undefined)
  }

  return {
    async request<T>(document: string, variables: Variables = {}, signal?: AbortSignal) {
      const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
      const response = await post(
        document,
        variables,
        'application/json',
        signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      )
      if (response.status === 401) throw await refusalOf(response)
      const text = await textOf(response).catch((cause: unknown) => {
        throw connectionFault(url, cause)
      })
      return dataOf<T>(jsonOf(text))
    },

    async *subscribe<T>(document: string, variables: Variables = {}, options: SubscribeOptions<T> = {}) {
      const left = new AbortController()
      const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal])
      let after = variables['after']
      let brokenAt: number | undefined
      let waitMs = RECONNECT_FIRST_MS
      try {
        for (;;) {
          try {
            for await (const data of stream<T>(
              document,
              after === undefined ? variables : { ...variables, after },
              signal,
            )) {
              brokenAt = undefined
              waitMs = RECONNECT_FIRST_MS
              after = options.positionOf?.(data) ?? after
              yield data
            }
            if (options.positionOf === undefined || signal.aborted) return
            // What goes on by position has no end of its own: the node that ended it is stopping, and may start again.
            throw connectionFault(url, undefined)
          } catch (cause) {
            if (signal.aborted) return
            if (options.positionOf === undefined || !isBroken(cause)) throw cause
            brokenAt ??= performance.now()
            if (performance.now() - brokenAt > RECONNECT_FOR_MS) throw cause
            await delay(waitMs, undefined, { signal }).catch(() => undefined)
            waitMs = Math.min(waitMs * 2, RECONNECT_MOST_MS)
          }
        }
      } finally {
        left.abort()
      }
    },
  }
}

const MUTATION = /^\s*mutation\b/

/** As JSON says it: big integers are strings of digits, and what is absent is left out. */
const plain = (variables: Variables): Variables =>
  JSON.parse(JSON.stringify(variables, (_, value) => (typeof value === 'bigint' ? value.toString() : value)))

const isBroken = (cause: unknown): boolean => cause instanceof Fault && cause.code === 'api.unreachable'

const isEvents = ({ contentType }: Answered): boolean => contentType.startsWith('text/event-stream')

const textOf = async ({ body }: Answered): Promise<string> => {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

/** @returns undefined, which is no answer either, when it is not JSON */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const dataOf = <T>(body: unknown): T => {
  const answer = answerIn(body)
  if (answer === undefined)
    throw new Fault('api.not-a-node', 'what answers there is not a zennet node', {
      culprit: 'you',
      next: 'Check the address, and which program listens there.',
    })
  if (answer.error !== undefined) throw faultOf(answer.error)
  return answer.data as T
}

const CULPRITS: readonly Culprit[] = ['publisher', 'provider', 'peer-unreachable', 'chain', 'host']

const faultOf = ({ message, extensions }: AnswerError): Fault => {
  const text = (name: string): string | undefined =>
    typeof extensions?.[name] === 'string' ? extensions[name] : undefined
  const next = text('next')
  const culprit = CULPRITS.find((one) => one === text('culprit')) ?? 'you'
  return new Fault(text('code') ?? 'api.refused', message, { culprit, ...(next === undefined ? {} : { next }) })
}

const refusalOf = async (response: Answered): Promise<Fault> => {
  if (response.status === 401)
    return new Fault('api.unauthorized', 'the node does not accept this token', {
      culprit: 'you',
      next: 'Use the token file in the data directory of the node that is running (--data-dir).',
    })
  const error = answerIn(jsonOf(await textOf(response).catch(() => '')))?.error
  return error === undefined ? new Fault('api.refused', `the node answered ${response.status}`) : faultOf(error)
}

const connectionFault = (url: string, cause: unknown): Fault =>
  cause instanceof DOMException && cause.name === 'TimeoutError'
    ? new Fault('api.timeout', `the node at ${url} did not answer in time`, { next: 'See the log of the node.', cause })
    : new Fault('api.unreachable', `no node answers at ${url}`, {
        culprit: 'you',
        next: 'Start a node: zennet start',
        cause,
      })
