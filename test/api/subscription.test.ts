import { once } from 'node:events'
import { createClient } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type GraphqlClient, graphqlClient } from '../../src/api/client.ts'
import { leaseIdNumber, metered, toMetering } from '../projections/lease-history.ts'
import { post, startNode, type TestNode, TOKEN } from './node.ts'

let node: TestNode
let client: GraphqlClient
beforeEach(async () => {
  node = await startNode()
  client = graphqlClient({ url: node.api.url, token: TOKEN })
})
afterEach(() => node.close())

type Item = { __typename: string; position: string; version?: number; type?: string }
type Events = { leaseEvents: Item }
const EVENTS = `subscription ($leaseId: Hex!, $after: Position) { leaseEvents(leaseId: $leaseId, after: $after) {
  __typename
  ... on LeaseEvent { position version type }
  ... on CaughtUp { position }
  ... on Lagged { position behind }
} }`

const id = leaseIdNumber(1)
const other = leaseIdNumber(2)
const tickTo = async (from: number, to: number): Promise<void> => {
  for (let tick = from; tick <= to; tick++) {
    await node.append(`lease-${id}`, metered(id, tick))
    await node.append(`lease-${other}`, metered(other, tick))
  }
}
const begin = async (): Promise<void> => {
  await node.append(`lease-${id}`, ...toMetering(id))
  await node.append(`lease-${other}`, ...toMetering(other))
}

const subscriptionsOpen = async (): Promise<number> => (await node.metrics.subscriptions.get()).values[0]?.value ?? 0
const untilNobodySubscribes = () => expect.poll(subscriptionsOpen, { timeout: 30_000 }).toBe(0)

describe.each(['SSE', 'WebSocket'])('leaseEvents over %s', (transport) => {
  const listen = (after: string | undefined): { events: AsyncIterable<Item>; end: () => void } => {
    if (transport === 'SSE') {
      const cut = new AbortController()
      const source = client.subscribe<Events>(EVENTS, { leaseId: id, after }, { signal: cut.signal })
      return { events: items(source), end: () => cut.abort() }
    }
    const socket = createClient({
      url: `${node.api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token: TOKEN },
      retryAttempts: 0,
    })
    const source = socket.iterate<Events>({ query: EVENTS, variables: { leaseId: id, after } })
    return { events: items(unwrapped(source)), end: () => void socket.dispose() }
  }

  it('goes on behind random cuts without gap or duplicate, while facts are appended', async () => {
    await begin()
    const writing = tickTo(1, 120)
    const total = toMetering(id).length + 120
    const versions: number[] = []
    let after: string | undefined
    for (let cut = 0; versions.length < total; cut++) {
      const { events, end } = listen(after)
      let left = 1 + ((cut * 7) % 13)
      for await (const item of events) {
        if (item.__typename !== 'LeaseEvent') continue
        versions.push(item.version!)
        after = item.position
        if (versions.length === total || --left === 0) break
      }
      end()
    }
    await writing
    expect(versions).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    await untilNobodySubscribes()
  })

  it('says when it has told everything, and leaves nothing behind when a reader leaves while it waits', async () => {
    await begin()
    const { events, end } = listen('3')
    const seen: string[] = []
    for await (const item of events) {
      seen.push(item.__typename)
      if (item.__typename === 'CaughtUp') break
    }
    expect(seen).toEqual([...Array.from({ length: toMetering(id).length - 3 }, () => 'LeaseEvent'), 'CaughtUp'])
    end()
    await untilNobodySubscribes()
  })

  it('ends when the server closes', async () => {
    await begin()
    const { events, end } = listen(undefined)
    const ended = (async () => {
      for await (const _ of events) {
        // Read to the end, however that comes.
      }
    })().catch(() => undefined)
    await expect.poll(subscriptionsOpen, { timeout: 30_000 }).toBe(1)
    await node.api.close()
    end()
    await ended
    await untilNobodySubscribes()
  })
})

async function* items(source: AsyncIterable<Events>): AsyncGenerator<Item> {
  for await (const { leaseEvents } of source) yield leaseEvents
}

async function* unwrapped(source: AsyncIterable<{ data?: Events | null | undefined }>): AsyncGenerator<Events> {
  for await (const { data } of source) if (data != null) yield data
}

describe('a reader that stalls', () => {
  it('reads nothing ahead, and holds up nobody', async () => {
    const payload = 'x'.repeat(100_000)
    const facts = 400
    for (let i = 0; i < facts; i++)
      await node.append(`announcement-${i}`, {
        type: 'announcement.described',
        at: 1,
        body: { label: payload },
      } as never)
    const query = 'subscription { marketFeed { ... on MarketEvent { position fact } ... on CaughtUp { position } } }'
    const stalled = await post(node, query, {}, { accept: 'text/event-stream' })
    const reader = stalled.body!.getReader()
    await reader.read()
    let told = 0
    for await (const { marketFeed } of client.subscribe<{ marketFeed: { fact?: unknown } }>(query)) {
      if (marketFeed.fact === undefined) break
      told++
    }
    expect(told).toBe(facts)
    // What both were given: had the stalled one been read ahead, it would be twice the facts.
    const given = (await node.metrics.subscriptionEvents.get()).values[0]!.value
    expect(given).toBeLessThan(facts + facts / 2)
    await reader.cancel()
    await untilNobodySubscribes()
  })

  it('is not written to without limit on a socket either', async () => {
    const facts = 400
    const body = { label: 'x'.repeat(100_000) }
    for (let i = 0; i < facts; i++)
      await node.append(`announcement-${i}`, { type: 'announcement.described', at: 1, body } as never)
    const socket = await openSocket()
    socket.send(subscribe('1', 'subscription { marketFeed { ... on MarketEvent { position fact } } }'))
    await expect.poll(subscriptionsOpen, { timeout: 30_000 }).toBe(1)
    socket.pause()
    // Others are served meanwhile, and when they have all of it the stalled one still has not been read ahead.
    let told = 0
    const query = 'subscription { marketFeed { ... on MarketEvent { position fact } } }'
    for await (const { marketFeed } of client.subscribe<{ marketFeed: { fact?: unknown } }>(query)) {
      if (marketFeed.fact === undefined) break
      told++
    }
    expect(told).toBe(facts)
    expect((await node.metrics.subscriptionEvents.get()).values[0]!.value).toBeLessThan(facts + facts / 2)
    socket.terminate()
    await untilNobodySubscribes()
  })
})

const openSocket = async (): Promise<WebSocket> => {
  const socket = new WebSocket(`${node.api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: TOKEN } }))
  await once(socket, 'message')
  return socket
}
const subscribe = (name: string, query: string): string =>
  JSON.stringify({ id: name, type: 'subscribe', payload: { query } })

it('a socket carries 20 subscriptions, and refuses one more without closing', async () => {
  const socket = await openSocket()
  const answers: { type: string; id: string }[] = []
  socket.on('message', (data) => answers.push(JSON.parse(`${data}`)))
  for (let i = 1; i <= 21; i++) socket.send(subscribe(`${i}`, 'subscription { marketFeed { __typename } }'))
  await expect.poll(() => answers.length, { timeout: 30_000 }).toBe(21)
  expect(answers.filter(({ type }) => type === 'error').map((answer) => answer.id)).toEqual(['21'])
  expect(socket.readyState).toBe(WebSocket.OPEN)
  socket.terminate()
  await untilNobodySubscribes()
})

describe('marketFeed', () => {
  it('shows nothing that is private', async () => {
    await begin()
    await node.append('channel-1', { type: 'channel.paid', at: 1, paid: 1n, signature: 'SECRETSIGNATURE' } as never)
    await node.append('announcement-77', {
      type: 'announcement.posted',
      at: 1,
      txid: '77',
      body: { label: 'b' },
      order: { authorizedKeys: ['SECRETKEY'], capacitySats: 5n },
    } as never)
    const seen: { type?: string; fact?: unknown }[] = []
    const query = 'subscription { marketFeed { __typename ... on MarketEvent { type announcementTxid leaseId fact } } }'
    for await (const { marketFeed } of client.subscribe<{ marketFeed: { __typename: string; type?: string } }>(query)) {
      if (marketFeed.__typename === 'CaughtUp') break
      seen.push(marketFeed)
    }
    expect(seen.map(({ type }) => type)).toEqual([
      'lease.sought',
      'lease.offered',
      'lease.agreed',
      'lease.sought',
      'lease.offered',
      'lease.agreed',
      'announcement.posted',
    ])
    expect(JSON.stringify(seen)).not.toMatch(/SECRET|authorizedKeys|[sS]ignature|127\.0\.0\.1|capacitySats/)
  })
})

it('SSE works as curl would see it', async () => {
  await begin()
  const response = await post(node, EVENTS, { leaseId: id }, { accept: 'text/event-stream' })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('CaughtUp')) text += (await reader.read()).value ?? ''
  await reader.cancel()
  expect(text).toContain(
    'event: next\ndata: {"data":{"leaseEvents":{"__typename":"LeaseEvent","position":"1","version":1',
  )
})

describe('the client', () => {
  it('tells an unreachable node from a wrong token, and both from a refusal', async () => {
    await expect(graphqlClient({ url: node.api.url, token: 'x' }).request('{ __typename }')).rejects.toMatchObject({
      code: 'api.unauthorized',
    })
    const wrong = graphqlClient({ url: node.api.url, token: 'x' }).subscribe(
      'subscription { marketFeed { __typename } }',
    )
    await expect(wrong[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'api.unauthorized' })
    await expect(client.request('{ leases(first: 0) { edges { cursor } } }')).rejects.toMatchObject({
      code: 'api.bad-input',
    })
    await expect(graphqlClient({ url: 'http://127.0.0.1:1', token: 'x' }).request('{ a }')).rejects.toMatchObject({
      code: 'api.unreachable',
    })
    await expect(client.request('{ status { network } }')).resolves.toEqual({ status: { network: 'n' } })
  })

  it('goes on by itself when its node is started anew', async () => {
    await begin()
    const port = Number(new URL(node.api.url).port)
    const versions: number[] = []
    const source = client.subscribe<Events>(
      EVENTS,
      { leaseId: id },
      { positionOf: ({ leaseEvents }) => (leaseEvents.__typename === 'LeaseEvent' ? leaseEvents.position : undefined) },
    )
    const total = toMetering(id).length + 5
    for await (const { leaseEvents } of source) {
      if (leaseEvents.version !== undefined) versions.push(leaseEvents.version)
      if (leaseEvents.version === 4) {
        await node.close()
        node = await startNode(port)
        await begin()
        await tickTo(1, 5)
      }
      if (versions.length === total) break
    }
    expect(versions).toEqual(Array.from({ length: total }, (_, i) => i + 1))
  })
})
