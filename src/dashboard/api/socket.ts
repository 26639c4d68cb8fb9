import { signal } from '@preact/signals'
import { type Client, createClient } from 'graphql-ws'
import { type Document, type ResultOf, textOf, type VariablesOf } from '../graphql.ts'
import { type Fault, subscriptionFault } from './fault.ts'
import { token } from './token.ts'

/** How often the node is asked whether it is there, and how long it may take to say so before the page calls it stalled, ms. */
const PING_MS = 5_000
const PONG_MS = 4_000
const RETRY_MOST_MS = 4_000

export type Connection = 'connecting' | 'live' | 'stalled' | 'reconnecting'

/** One WebSocket carries every feed of the page. */
export const connection = signal<Connection>('connecting')

let client: Client | undefined

const open = (): Client => {
  let socket: WebSocket | undefined
  let late: ReturnType<typeof setTimeout> | undefined
  return createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: () => ({ token: token.value ?? '' }),
    keepAlive: PING_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    // It may be a node that is started again, or a token that is not good any more: the questions over HTTP say which.
    shouldRetry: () => token.value !== null,
    retryWait: (tries) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MOST_MS, 200 * 2 ** Math.min(tries, 6)))),
    on: {
      opened: (opened) => {
        socket = opened as WebSocket
      },
      connected: () => {
        connection.value = 'live'
      },
      closed: () => {
        clearTimeout(late)
        connection.value = 'reconnecting'
      },
      ping: (received) => {
        if (received) return
        late = setTimeout(() => {
          connection.value = 'stalled'
          socket?.close(4_408, 'no answer')
        }, PONG_MS)
      },
      pong: (received) => {
        if (!received) return
        clearTimeout(late)
        connection.value = 'live'
      },
    },
  })
}

/** `failed`: it came to an end, by an error that the node tells or without one. */
export type Reader<T> = { next(data: T): void; failed(fault: Fault | undefined): void }

/**
 * A subscription that goes on after the connection was lost. `variables` is called before each beginning, so that it can say from where
 * on.
 * @returns ends it
 */
export const subscribe = <D extends Document>(
  document: D,
  variables: () => VariablesOf<D>,
  { next, failed }: Reader<ResultOf<D>>,
): (() => void) => {
  client ??= open()
  return client.subscribe<ResultOf<D>>(
    {
      query: textOf(document),
      // Read each time that graphql-ws writes the message.
      get variables() {
        return variables() as Record<string, unknown>
      },
    },
    {
      next: ({ data, errors }) => {
        if (data) next(data)
        else failed(subscriptionFault(errors))
      },
      error: (error) => failed(subscriptionFault(error)),
      complete: () => failed(undefined),
    },
  )
}

/** Another token, or none: whoever was let in before is not any more. */
export const closeSocket = (): void => {
  client?.dispose()
  client = undefined
  connection.value = 'connecting'
}
