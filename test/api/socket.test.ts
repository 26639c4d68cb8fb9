import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startNode, type TestNode, TOKEN } from './node.ts'

// The close codes of graphql-transport-ws, and of RFC 6455 where it has them.

let node: TestNode
beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node.close())

const INIT = { type: 'connection_init', payload: { token: TOKEN } }
const FEED = { id: '1', type: 'subscribe', payload: { query: 'subscription { marketFeed { __typename } }' } }

/** Sends the first of these, when that is answered the others, and waits to be shown out. */
const closeOf = (protocol: string, ...messages: readonly (string | object)[]): Promise<number> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${node.api.url.replace('http', 'ws')}/graphql`, protocol)
    const send = (some: readonly (string | object)[]): void => {
      for (const message of some) socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    }
    socket.on('open', () => send(messages.slice(0, 1)))
    socket.once('message', () => send(messages.slice(1)))
    socket.on('error', () => undefined)
    socket.on('close', (code) => resolve(code))
  })

it.each([
  ['no JSON', 4400, ['{']],
  ['an unknown type', 4400, [{ type: 'start' }]],
  ['a subscription before it says who it is', 4401, [FEED]],
  ['nothing in time', 4408, []],
  ['the same id twice', 4409, [INIT, FEED, FEED]],
  ['connection_init twice', 4429, [INIT, INIT]],
  ['a message that is too long', 1009, [INIT, 'x'.repeat(65_537)]],
] as const)('a socket that sends %s is closed with %i', async (_, code, messages) => {
  expect(await closeOf('graphql-transport-ws', ...messages)).toBe(code)
})

it('a socket that names no protocol is closed with 4406', async () => {
  const socket = new WebSocket(`${node.api.url.replace('http', 'ws')}/graphql`)
  const code = await new Promise<number>((resolve) => socket.on('close', resolve))
  expect(code).toBe(4406)
})
