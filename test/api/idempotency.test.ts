import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { once } from '../../src/api/idempotency.ts'
import { problemOf } from '../../src/api/problem.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import type { Journal } from '../../src/journal/port.ts'
import { ask, startNode, type TestNode, TXID } from './node.ts'

const clock = { now: () => 1 }
const request = { who: 'owner', operation: 'send', idempotencyKey: 'k', input: { sats: 5n } }

describe('a command with a key', () => {
  let journal: Journal
  let done = 0
  const context = () => ({ journal, clock })
  const run = async () => ({ txid: `t${++done}`, sats: 2n ** 60n })
  beforeEach(() => {
    journal = memoryJournal()
    done = 0
  })
  afterEach(() => journal.close())

  it('is done once, however often and however close together it is sent', async () => {
    const first = await once(context(), request, run)
    const rest = await Promise.all(Array.from({ length: 20 }, () => once(context(), request, run)))
    expect([...rest, await once(context(), { ...request }, run)]).toEqual(Array.from({ length: 21 }, () => first))
    expect(done).toBe(1)
  })

  it('is done once when twenty come before the first is done', async () => {
    const held = Promise.withResolvers<void>()
    const slow = async () => {
      await held.promise
      return run()
    }
    const all = Array.from({ length: 20 }, () => once(context(), request, slow))
    held.resolve()
    expect(new Set((await Promise.all(all)).map((answer) => JSON.stringify(answer, String))).size).toBe(1)
    expect(done).toBe(1)
  })

  it('answers as the node that was first, when two nodes do it at a time', async () => {
    const other: Journal = { ...journal }
    const barrier = Promise.withResolvers<void>()
    let here = 0
    const together = async () => {
      if (++here === 2) barrier.resolve()
      await barrier.promise
      return run()
    }
    const [a, b] = await Promise.all([
      once({ journal, clock }, request, together),
      once({ journal: other, clock }, request, together),
    ])
    expect(a).toEqual(b)
    expect(await once(context(), request, run)).toEqual(a)
  })

  it.each([
    ['another input', { ...request, input: { sats: 6n } }],
    ['a field more', { ...request, input: { sats: 5n, address: 'a' } }],
  ])('with %s is a problem, and nothing is done', async (_, other) => {
    await once(context(), request, run)
    expect(await once(context(), other, run)).toMatchObject({ problem: true, code: 'api.key-reused' })
    expect(done).toBe(1)
  })

  it.each([
    ['another operation', { ...request, operation: 'stopLease' }],
    ['somebody else', { ...request, who: 'session' }],
    ['another key', { ...request, idempotencyKey: 'l' }],
  ])('of %s is another command', async (_, other) => {
    await once(context(), request, run)
    await once(context(), other, run)
    expect(done).toBe(2)
  })

  it('may be tried again after a problem or a fault', async () => {
    expect(await once(context(), request, async () => problemOf('poor', 'p'))).toMatchObject({ code: 'poor' })
    await expect(once(context(), request, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await once(context(), request, run)).toMatchObject({ txid: 't1' })
  })
})

describe('mutations', () => {
  let node: TestNode
  beforeEach(async () => {
    node = await startNode()
  })
  afterEach(() => node.close())

  it('answer a repeated key as before, and refuse it for another input', async () => {
    const stop = (leaseId: string) =>
      ask(
        node,
        `mutation { stopLease(input: { leaseId: "${leaseId}", idempotencyKey: "k" }) {
          __typename ... on LeaseStopped { leaseId position } ... on Problem { code }
        } }`,
      )
    const first = await stop('aa')
    await node.append('lease-x', { type: 'test.happened', at: 1 })
    expect(await stop('aa')).toEqual(first)
    expect(await stop('bb')).toEqual({ data: { stopLease: { __typename: 'Refused', code: 'api.key-reused' } } })
  })

  it('answer as before with all fields of the result', async () => {
    const post = `mutation { postAnnouncement(input: { authorizedKeys: ["ssh-ed25519 ${'A'.repeat(68)}"], idempotencyKey: "k" }) {
      ... on AnnouncementPosted { txid position announcement { txid } }
    } }`
    const first = await ask(node, post)
    expect(await ask(node, post)).toEqual(first)
    expect(first).toMatchObject({ data: { postAnnouncement: { txid: TXID, announcement: { txid: TXID } } } })
    expect(node.market.posts.length).toBe(1)
  })
})
