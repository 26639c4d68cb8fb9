import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, startNode, type TestNode, TXID } from './node.ts'

const KEY = `ssh-ed25519 ${'A'.repeat(68)} me@here`
let node: TestNode
beforeEach(async () => {
  node = await startNode()
})
afterEach(() => node.close())

type Result = { result: { __typename: string; code?: string; message?: string; txid?: string; announcement?: unknown } }
const RESULT = `__typename ... on AnnouncementPosted { txid position announcement { own image status position } }
  ... on Problem { code message culprit next }`
const postOf = async (input: Record<string, unknown>): Promise<Result['result']> => {
  const { data, errors } = await ask<Result>(
    node,
    `mutation ($input: PostAnnouncementInput!) { result: postAnnouncement(input: $input) { ${RESULT} } }`,
    { input: { authorizedKeys: [KEY], idempotencyKey: 'k1', ...input } },
  )
  expect(errors).toBeUndefined()
  return data!.result
}

describe('postAnnouncement', () => {
  it('fills in the defaults and shows its own write', async () => {
    expect(await postOf({ cpu: 1.5, maxHourlySats: '72000', maxDurationS: 1_800 })).toMatchObject({
      __typename: 'AnnouncementPosted',
      txid: TXID,
      announcement: { own: true, image: 'zennet/busybox:1', status: 'POSTED', position: '1' },
    })
    const [sent] = node.market.posts
    expect(sent!.key).toBe('k1')
    expect(sent!.request.body).toMatchObject({
      resources: { cpuMillis: 1_500, memoryBytes: 2 ** 28 },
      maxHourlyMsat: 72_000_000n,
      maxDurationMs: 1_800_000,
    })
    expect(sent!.request.order).toMatchObject({ capacitySats: 36_000n, authorizedKeys: [KEY] })
    expect(sent!.request.order.giveUpAt).toBeUndefined()
  })

  it.each([[{}, [KEY]] as const, [{ authorizedKeys: null }, []] as const])(
    'asks for a key that the node keeps, beside %j',
    async (input, authorizedKeys) => {
      await postOf({ keepKey: true, ...input })
      expect(node.market.posts[0]!.request).toMatchObject({ keepKey: true, order: { authorizedKeys } })
    },
  )

  it.each([
    [{ cpuMillis: 0 }],
    [{ cpu: 1, cpuMillis: 1_000 }],
    [{ cpu: 1e300 }],
    [{ memoryBytes: '1' }],
    [{ image: '' }],
    [{ image: 'a\nb' }],
    [{ count: -1 }],
    [{ maxHourlySats: '0' }],
    [{ maxHourlySats: '999999999999999999' }],
    [{ budgetSats: '1' }],
    [{ maxDurationS: 0 }],
    [{ authorizedKeys: [] }],
    [{ authorizedKeys: null }],
    [{ authorizedKeys: Array(16).fill(KEY), keepKey: true }],
    [{ authorizedKeys: ['rm -rf'] }],
    [{ authorizedKeys: [`${KEY}\n${KEY}`] }],
    [{ label: 'x'.repeat(81) }],
    [{ tickMs: 1 }],
    [{ idempotencyKey: '' }],
  ])('answers %j with a problem', async (input) => {
    const result = await postOf(input)
    expect(result).toMatchObject({ __typename: 'Refused', code: 'api.bad-input', culprit: 'you' })
    expect(result.message).not.toMatch(/\n|at .*:\d+:\d+/)
    expect(node.market.posts).toEqual([])
  })
})

it('rent gives up by itself', async () => {
  const before = Date.now()
  const { data } = await ask<Result>(
    node,
    `mutation ($input: RentInput!) { result: rent(input: $input) { ${RESULT} } }`,
    { input: { authorizedKeys: [KEY], idempotencyKey: 'k', waitMs: 5_000 } },
  )
  expect(data!.result.txid).toBe(TXID)
  const { giveUpAt } = node.market.posts[0]!.request.order
  expect(giveUpAt! - before).toBeGreaterThanOrEqual(5_000)
})

it('problems of the market come as data', async () => {
  const { data } = await ask(
    node,
    `mutation { withdrawAnnouncement(input: { txid: "${TXID}", idempotencyKey: "k" }) { __typename ... on Problem { code next } } }`,
  )
  expect(data).toEqual({ withdrawAnnouncement: { __typename: 'Refused', code: 'announcement.unknown', next: 'n' } })
})

it('refuses a payment of nothing, and makes a good one', async () => {
  const send = (sats: string) =>
    ask(node, `mutation { send(input: { address: "a", sats: "${sats}", idempotencyKey: "k" }) { __typename } }`)
  expect(await send('0')).toEqual({ data: { send: { __typename: 'Refused' } } })
  expect(await send('1')).toEqual({ data: { send: { __typename: 'PaymentSent' } } })
  expect((await send('-1')).errors?.[0]?.extensions.code).toBe('api.bad-input')
})

it('asks for a top-up of a lease, once for each key', async () => {
  const leaseId = 'ab'.repeat(16)
  const topUp = (sats: string) =>
    ask(
      node,
      `mutation { topUpLease(input: { leaseId: "${leaseId}", sats: "${sats}", idempotencyKey: "k" }) {
        __typename ... on LeaseTopUpAsked { leaseId lease { id } } ... on Problem { code } } }`,
    )
  const asked = { data: { topUpLease: { __typename: 'LeaseTopUpAsked', leaseId, lease: null } } }
  expect(await topUp('5000')).toEqual(asked)
  expect(await topUp('5000')).toEqual(asked)
  expect(await topUp('6000')).toMatchObject({ data: { topUpLease: { code: 'api.key-reused' } } })
})

it('asks for other terms of a lease, and refuses what cannot be meant', async () => {
  const leaseId = 'ab'.repeat(16)
  let n = 0
  const change = async (fields: string) => {
    n += 1
    const { data } = await ask<{ changeLease: object }>(
      node,
      `mutation { changeLease(input: { leaseId: "${leaseId}", ${fields} idempotencyKey: "change-${n}" }) {
        __typename ... on LeaseChangeAsked { leaseId lease { id } } ... on Problem { code } } }`,
    )
    return data!.changeLease
  }
  expect(await change('longerByMs: 60000,')).toEqual({ __typename: 'LeaseChangeAsked', leaseId, lease: null })
  expect(await change('pricePercent: 90, noticeMs: 0, dataGraceMs: 0,')).toMatchObject({ leaseId })
  const bad = ['pricePercent: 0,', 'pricePercent: 1001,', 'maxDurationMs: 0.5,', 'noticeMs: -1,', 'dataGraceMs: 1e12,']
  for (const fields of [...bad, 'longerByMs: 1, maxDurationMs: 2000,'])
    expect(await change(fields), fields).toMatchObject({ __typename: 'Refused', code: 'api.bad-input' })
})

it('announces the end of a lease for later, and takes it back', async () => {
  const leaseId = 'ab'.repeat(16)
  const tell = async (mutation: string, fields: string, key: string) => {
    const { data } = await ask<Record<string, object>>(
      node,
      `mutation { ${mutation}(input: { leaseId: "${leaseId}", ${fields} idempotencyKey: "${key}" }) {
        __typename ... on LeaseStopped { leaseId } ... on Problem { code } } }`,
    )
    return data![mutation]
  }
  expect(await tell('stopLease', 'inMs: 60000,', 'later')).toEqual({ __typename: 'LeaseStopped', leaseId })
  expect(await tell('stopLease', 'inMs: -1,', 'before')).toMatchObject({ code: 'api.bad-input' })
  expect(await tell('withdrawNotice', '', 'back')).toEqual({ __typename: 'LeaseStopped', leaseId })
})

it('masks what went wrong inside, and logs the whole of it under the same request id', async () => {
  const { errors } = await ask(node, '{ receiveAddress }')
  const [error] = errors!
  expect(error!.extensions.code).toBe('api.internal')
  expect(JSON.stringify(errors)).not.toContain('SECRET')
  expect(node.logged.some((line) => line.includes('SECRET') && line.includes(error!.extensions.requestId!))).toBe(true)
})
