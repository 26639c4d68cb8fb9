import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { MAX_SOCKET_MESSAGE_BYTES } from '../../src/api/limits.ts'
import { leaseIdNumber, toMetering } from '../projections/lease-history.ts'
import { type Body, post, startNode, type TestNode, TOKEN } from './node.ts'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node.close())

const WAIT = { timeout: 30_000 }
const INIT = { type: 'connection_init', payload: { token: TOKEN } }
const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } })
const FEED = 'subscription { marketFeed { __typename } }'

type Message = { readonly id?: string; readonly type: string; readonly payload?: unknown }

const connect = async (protocol: string | undefined = 'graphql-transport-ws') => {
  const url = `${node.api.url.replace('http', 'ws')}/graphql`
  const socket = protocol === '' ? new WebSocket(url) : new WebSocket(url, protocol)
  const heard: Message[] = []
  socket.on('message', (data) => heard.push(JSON.parse(`${data}`)))
  const closed = once(socket, 'close').then(([code]) => code as number)
  socket.on('error', () => undefined)
  await once(socket, 'open')
  const say = (...messages: readonly unknown[]): void => {
    for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }
  return { socket, heard, closed, say }
}

/** A socket that said who it is, and was let in. */
const welcomed = async () => {
  const socket = await connect()
  socket.say(INIT)
  await expect.poll(() => socket.heard, WAIT).toEqual([{ type: 'connection_ack' }])
  socket.heard.length = 0
  return socket
}

/** graphql-transport-ws, https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
describe('a socket is closed', () => {
  it.each([
    ['4400 after what is no JSON', 4400, ['nonsense']],
    ['4400 after a message of no known type', 4400, [{ type: 'start', id: '1' }]],
    ['4400 after a subscription without an id', 4400, [{ type: 'subscribe', payload: { query: FEED } }]],
    ['4409 when it gives an id twice', 4409, [subscribe('1', FEED), subscribe('1', FEED)]],
    ['4429 when it says twice who it is', 4429, [INIT]],
    ['1009 after a message that is too large', 1009, ['x'.repeat(MAX_SOCKET_MESSAGE_BYTES + 1)]],
  ])('%s', async (_, code, messages) => {
    const { say, closed } = await welcomed()
    say(...messages)
    expect(await closed).toBe(code)
  })

  it.each([
    ['4401 when it subscribes before it said who it is', 4401, subscribe('1', FEED)],
    ['4403 when its token is not good', 4403, { type: 'connection_init', payload: { token: 'x' } }],
  ])('%s', async (_, code, message) => {
    const { say, closed } = await connect()
    say(message)
    expect(await closed).toBe(code)
  })

  it('4406 when it speaks no protocol that is known', async () => {
    expect(await (await connect('')).closed).toBe(4406)
  })

  it('4408 when it does not say in time who it is', async () => {
    expect(await (await connect()).closed).toBe(4408)
  })
})

describe('a socket', () => {
  it('says that it is there, answers a query, and may give an id again when it is done', async () => {
    const { say, heard, socket } = await welcomed()
    say({ type: 'ping', payload: { a: 1 } })
    await expect.poll(() => heard, WAIT).toContainEqual({ type: 'pong', payload: { a: 1 } })
    for (const _ of [1, 2]) {
      heard.length = 0
      say(subscribe('q', '{ status { network } }'))
      await expect
        .poll(() => heard, WAIT)
        .toEqual([
          { id: 'q', type: 'next', payload: { data: { status: { network: 'n' } } } },
          { id: 'q', type: 'complete' },
        ])
    }
    socket.terminate()
  })

  it('tells a subscription nothing after it was completed, and others go on', async () => {
    const { say, heard, socket } = await welcomed()
    say(subscribe('a', FEED), subscribe('b', FEED))
    await expect.poll(() => heard.filter(({ type }) => type === 'next').length, WAIT).toBeGreaterThanOrEqual(2)
    say({ id: 'a', type: 'complete' }, { type: 'ping' })
    await expect.poll(() => heard.at(-1)?.type, WAIT).toBe('pong')
    heard.length = 0
    await node.append(`lease-${leaseIdNumber(9)}`, ...toMetering(leaseIdNumber(9)))
    await expect.poll(() => heard.length, WAIT).toBeGreaterThan(2)
    expect(heard.filter(({ id }) => id !== 'b')).toEqual([])
    socket.terminate()
  })
})

describe('bombs in subscriptions', () => {
  const cycle =
    'subscription { marketFeed { ...a } } fragment a on MarketFeedItem { ...b } fragment b on MarketFeedItem { ...a }'
  const doubling = `subscription { marketFeed { ...f0 } } ${Array.from({ length: 40 }, (_, i) => `fragment f${i} on MarketFeedItem { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f40 on MarketFeedItem { __typename }`
  const wide = `subscription { marketFeed { ${Array.from({ length: 16 }, (_, i) => `a${i}: __typename`).join(' ')} } }`
  const two = 'subscription { marketFeed { __typename } chainFeed { __typename } }'
  const bombs: [string, string][] = [
    ['fragments in a circle', cycle],
    ['fragments that double', doubling],
    ['aliases', wide],
    ['two root fields', two],
  ]

  it.each(bombs)('of %s are refused on a socket, which stays', async (_, query) => {
    const { say, heard, socket } = await welcomed()
    say(subscribe('1', query), { type: 'ping' })
    await expect.poll(() => heard.map(({ type }) => type), WAIT).toEqual(expect.arrayContaining(['error', 'pong']))
    expect(heard.filter(({ type }) => type === 'next')).toEqual([])
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.terminate()
  })

  it.each(bombs)('of %s are refused as a stream of events', async (_, query) => {
    const response = await post(node, query, {}, { accept: 'text/event-stream' })
    const text = await response.text()
    const body = JSON.parse(
      text
        .split('\n')
        .find((line) => line.startsWith('data: {'))
        ?.slice(6) ?? text,
    ) as Body
    expect([body.data, body.errors?.length]).toEqual([undefined, expect.any(Number)])
  })
})
