import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Fact } from '../../../domain/fact.ts'
import { SESSION_MS } from '../../../src/api/session/sessions.ts'
import { signIn } from '../../../src/api/session-client.ts'
import { serverEvents } from '../../../src/api/sse.ts'
import { leaseIdNumber, metered, toMetering } from '../../projections/lease-history.ts'
import { post, startNode, type TestNode } from '../node.ts'
import { movedClock, person } from './signer.ts'

const clock = movedClock()
let node: TestNode
beforeEach(async () => {
  clock.aheadMs = 0
  node = await startNode(0, { clock })
})
afterEach(() => node.close())

type Told = {
  readonly data?: Record<string, { __typename: string }>
  readonly errors?: { extensions: { code: string } }[]
}

/** What somebody is told, as it comes; `end` is the last event of the stream. */
const listen = async (query: string, token?: string) => {
  const headers = { accept: 'text/event-stream', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const response = await post(node, query, {}, headers)
  const told: Told[] = []
  const end = (async () => {
    let last = ''
    for await (const { event, data } of serverEvents(response.body!)) {
      last = event
      if (event === 'next') told.push(JSON.parse(data))
    }
    return last
  })()
  return { told, end }
}
const WAIT = { timeout: 30_000 }
const id = leaseIdNumber(1)
const EVENTS = `subscription { leaseEvents(leaseId: "${id}") { __typename ... on LeaseEvent { version } } }`
const kinds = ({ told }: { told: readonly Told[] }) => told.map(({ data }) => Object.values(data!)[0]!.__typename)

it('the same question of a stranger is answered apart: it is told nothing of the lease, before or after', async () => {
  await node.append(`lease-${id}`, ...toMetering(id))
  const { token } = await signIn({ url: node.api.url, signer: person(clock), scopes: ['read'], spendLimitSats: 0n })
  const owner = await listen(EVENTS)
  const stranger = await listen(EVENTS, token)
  await expect.poll(() => [kinds(owner).at(-1), kinds(stranger).at(-1)], WAIT).toEqual(['CaughtUp', 'CaughtUp'])
  await node.append(`lease-${id}`, metered(id, 1))
  await expect
    .poll(() => kinds(owner).filter((kind) => kind === 'LeaseEvent').length, WAIT)
    .toBe(toMetering(id).length + 1)
  // What it may see comes behind the fact that it may not.
  const block = { height: 1, hash: 'aa', previous: '00', time: 1, transactions: [] }
  const chain = await listen('subscription { chainFeed { __typename } }', token)
  await node.append('chain', { type: 'chain.connected', at: 1, ...block } as Fact)
  await expect.poll(() => kinds(chain), WAIT).toContain('ChainEvent')
  expect(kinds(stranger)).not.toContain('LeaseEvent')
})

it('a stream of events ends with its session, and says so', async () => {
  const { token } = await signIn({ url: node.api.url, signer: person(clock), scopes: ['read'], spendLimitSats: 0n })
  const stream = await listen('subscription { marketFeed { __typename } }', token)
  await expect.poll(() => kinds(stream), WAIT).toEqual(['CaughtUp'])
  clock.aheadMs += SESSION_MS
  // A fact makes it look, and is not told.
  await node.append('announcement-1', { type: 'announcement.withdrawn', at: 1, by: 'aa' } as Fact)
  expect(await stream.end).toBe('complete')
  expect(stream.told.at(-1)?.errors?.[0]?.extensions.code).toBe('api.session-over')
  expect(stream.told).toHaveLength(2)
})

it('a stream of events ends when its key is sent away, also while nothing happens', async () => {
  const somebody = person(clock)
  const { token } = await signIn({ url: node.api.url, signer: somebody, scopes: ['read'], spendLimitSats: 0n })
  const stream = await listen('subscription { marketFeed { __typename } }', token)
  await expect.poll(() => kinds(stream), WAIT).toEqual(['CaughtUp'])
  await post(node, `mutation { revokeSessions(input: { key: "${somebody.key}" }) { __typename } }`)
  expect(await stream.end).toBe('complete')
  expect(stream.told.at(-1)?.errors?.[0]?.extensions.code).toBe('api.session-over')
})
