import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leaseIdNumber, metered, PROVIDER, PUBLISHER, toMetering, toSettled } from '../projections/lease-history.ts'
import { ask, type Body, startNode, type TestNode, TXID } from './node.ts'

const LEASES = 250
let node: TestNode

beforeAll(async () => {
  node = await startNode()
  for (let n = 1; n <= LEASES; n++) {
    const id = leaseIdNumber(n)
    await node.append(`lease-${id}`, ...toMetering(id), metered(id, 3))
  }
  await node.append(`lease-${leaseIdNumber(7)}`, ...toSettled(4n))
  await node.projector.waitFor(await node.journal.head(), 60_000)
})
afterAll(() => node.close())

type Connection = {
  edges: { cursor: string; node: { leaseId: string } }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}
const PAGE = `query ($first: Int!, $after: String, $direction: Direction!, $active: Boolean) {
  leases(first: $first, after: $after, orderBy: { by: BEGAN, direction: $direction }, filter: { active: $active }) {
    edges { cursor node { leaseId } } pageInfo { hasNextPage endCursor }
  }
}`

const walk = async (variables: Record<string, unknown>, between: () => Promise<void> = async () => {}) => {
  const found: string[] = []
  let after: string | null = null
  for (;;) {
    const body: Body<{ leases: Connection }> = await ask(node, PAGE, { direction: 'DESCENDING', ...variables, after })
    const { data, errors } = body
    expect(errors).toBeUndefined()
    found.push(...data!.leases.edges.map((edge) => edge.node.leaseId))
    if (!data!.leases.pageInfo.hasNextPage) return found
    after = data!.leases.pageInfo.endCursor
    await between()
  }
}

describe('connections', () => {
  const all = Array.from({ length: LEASES }, (_, i) => leaseIdNumber(i + 1))

  it.each([1, 7, 50, 100].map((first) => ({ first })))(
    'give 250 leases in pages of $first, each once',
    async ({ first }) => {
      const some = first === 1 ? { active: false } : {}
      const expected = first === 1 ? [leaseIdNumber(7)] : all
      expect(await walk({ first, ...some })).toEqual(expected.toReversed())
      expect(await walk({ first, ...some, direction: 'ASCENDING' })).toEqual(expected)
    },
  )

  it('do not shift while leases change', async () => {
    let tick = 3
    const found = await walk({ first: 40, direction: 'ASCENDING' }, async () => {
      tick++
      for (const n of [2, 60, 130, 249]) await node.append(`lease-${leaseIdNumber(n)}`, metered(leaseIdNumber(n), tick))
      await node.projector.waitFor(await node.journal.head(), 60_000)
    })
    expect(found).toEqual(all)
  })

  it.each([
    ['leases(first: 101) { edges { cursor } }'],
    ['leases(first: 0) { edges { cursor } }'],
    ['leases(first: 1, after: "nonsense") { edges { cursor } }'],
  ])('refuse %s', async (field) => {
    const { errors } = await ask(node, `{ ${field} }`)
    expect(errors?.[0]?.extensions.code).toBe('api.bad-input')
  })

  it('refuse the cursor of another connection', async () => {
    const { data } = await ask<{ offers: Connection }>(
      node,
      '{ offers(first: 1) { pageInfo { endCursor hasNextPage } } }',
    )
    const { errors } = await ask(node, PAGE, {
      first: 1,
      direction: 'DESCENDING',
      after: data!.offers.pageInfo.endCursor,
    })
    expect(errors?.[0]?.extensions.code).toBe('api.bad-input')
  })
})

it('tells how available the provider of an offer was, as it says, and as was seen', async () => {
  const { data, errors } = await ask<{ offers: { edges: { node: Record<string, unknown> }[] } }>(
    node,
    `{ offers(first: 1) { edges { node {
      availability { week { spanS } month { spanS lentShare served { servedS fullShare leases broken } } hoursOfWeek }
      seen { servedS fullShare leases broken }
    } } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data!.offers.edges[0]!.node).toEqual({
    availability: {
      week: { spanS: 172_800 },
      month: { spanS: 172_800, lentShare: 0.99, served: { servedS: 7_200, fullShare: 0.97, leases: 3, broken: 1 } },
      hoursOfWeek: [...Array.from({ length: 48 }, () => 0.99), ...Array.from({ length: 120 }, () => null)],
    },
    seen: { servedS: 3_600, fullShare: 0.98, leases: 1, broken: 0 },
  })
})

describe('a lease', () => {
  it('tells its whole story, and its log in pages', async () => {
    const id = leaseIdNumber(7)
    const { data, errors } = await ask<Record<string, Record<string, unknown>>>(
      node,
      `query ($id: Hex!) { lease(leaseId: $id) {
        id side stage active publisherKey providerKey image hourlyMsat owedMsat paidSats capacitySats settlementTxid position
        shell { host port user hostKey } bill { item used price msat } end { code culprit next } usage { wallUs cpuUs }
        log(first: 3) { edges { cursor node { type position at fact } } pageInfo { hasNextPage } }
      } }`,
      { id },
    )
    expect(errors).toBeUndefined()
    const lease = data!['lease']!
    expect(lease).toMatchObject({
      id: `Lease:${id}`,
      side: 'PUBLISHER',
      stage: 'SETTLED',
      active: false,
      publisherKey: PUBLISHER,
      providerKey: PROVIDER,
      paidSats: '4',
      shell: { port: 4022 },
      usage: { wallUs: '3000000' },
      end: { code: 'stopped-by-publisher' },
    })
    const bill = lease['bill'] as { msat: string }[]
    expect(bill.reduce((sum, line) => sum + BigInt(line.msat), 0n)).toBe(BigInt(lease['owedMsat'] as string))
    const log = lease['log'] as { edges: { node: { type: string } }[]; pageInfo: { hasNextPage: boolean } }
    expect(log.edges.map((edge) => edge.node.type)).toEqual(['lease.sought', 'lease.matched', 'lease.connected'])
    expect(log.pageInfo.hasNextPage).toBe(true)
  })

  it('that runs tells when it ends if it goes on so, and one that is over does not', async () => {
    const { data, errors } = await ask<Record<string, unknown>>(
      node,
      `query ($id: Hex!, $over: Hex!) {
        lease(leaseId: $id) { noticeMs notices { by } forecast { emptyAt emptyInS by hourlyMsat windowS low } }
        over: lease(leaseId: $over) { notices { by code endsAt withdrawn } forecast { by } }
      }`,
      { id: leaseIdNumber(3), over: leaseIdNumber(7) },
    )
    expect(errors).toBeUndefined()
    // 250 leases share the few sats that are left of the day.
    expect(data).toMatchObject({
      lease: { noticeMs: 0, notices: [], forecast: { by: 'DAILY_BUDGET', windowS: 3, low: true } },
      over: {
        forecast: null,
        notices: [{ by: 'PUBLISHER', code: 'stopped-by-publisher', endsAt: null, withdrawn: false }],
      },
    })
  })

  it('is a node', async () => {
    const { data } = await ask(
      node,
      `{ node(id: "Lease:${leaseIdNumber(3)}") { __typename id ... on Lease { leaseId } } }`,
    )
    expect(data).toEqual({
      node: { __typename: 'Lease', id: `Lease:${leaseIdNumber(3)}`, leaseId: leaseIdNumber(3) },
    })
    expect(await ask(node, '{ node(id: "Lease:none") { id } }')).toEqual({ data: { node: null } })
    expect(await ask(node, '{ lease(leaseId: "00") { id } }')).toEqual({ data: { lease: null } })
  })
})

it('blocks and transactions follow the chain, and a transaction shows where its money goes', async () => {
  const summary = { coinbase: true, outputSats: 5n, inputs: 1, outputs: 1, virtualSize: 100 }
  const connected = (height: number, txid: string) => ({
    type: 'chain.connected',
    at: 1,
    height,
    hash: 'ab'.repeat(31) + height,
    previous: 'ab'.repeat(32),
    time: 1_700_000_000,
    transactions: [{ txid, ...summary }],
  })
  const gone = { type: 'chain.disconnected', at: 2, height: 11, hash: `${'ab'.repeat(31)}11` }
  const position = await node.append('chain', connected(10, TXID), connected(11, '8'.repeat(64)), gone)
  const { data, errors } = await ask(
    node,
    `query ($txid: Hex!, $at: Position!) {
      blocks(atLeast: $at) { edges { node { height time } } }
      transactions(filter: { height: { min: 10, max: 10 } }) { edges { node { txid outputs { sats script } } } }
      transaction(txid: $txid) { id }
    }`,
    { txid: '8'.repeat(64), at: `${position}` },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    blocks: { edges: [{ node: { height: 10, time: '2023-11-14T22:13:20.000Z' } }] },
    transactions: { edges: [{ node: { txid: TXID, outputs: [{ sats: '5', script: '00ff' }] } }] },
    transaction: null,
  })
})

it('can be introspected whole, as GraphiQL does', async () => {
  const { data } = await ask<{ __schema: { types: unknown[] } }>(node, getIntrospectionQuery())
  expect(data!.__schema.types.length).toBeGreaterThan(50)
})

it('what leases cost today, and may', async () => {
  const { data } = await ask(node, '{ budget { dayBegan limitSats spentSats reservedSats leftSats } }')
  expect(data).toEqual({
    budget: {
      dayBegan: '1970-01-01T00:00:00.000Z',
      limitSats: '9',
      spentSats: '4',
      reservedSats: '1',
      leftSats: '4',
    },
  })
})

it('status and balance give amounts as strings', async () => {
  const { data } = await ask<Record<string, Record<string, unknown>>>(
    node,
    '{ status { network activeLeases position head } balance { confirmedSats bondedSats } }',
  )
  expect(data!['balance']).toEqual({ confirmedSats: '1152921504606846976', bondedSats: '3' })
  expect(data!['status']).toMatchObject({ network: 'n', activeLeases: LEASES - 1 })
})

it('waits for its own writes, and says so when they do not come', async () => {
  const id = leaseIdNumber(5)
  const position = await node.append(`lease-${id}`, metered(id, 77))
  const { data } = await ask<{ lease: { tick: number } }>(
    node,
    'query ($id: Hex!, $at: Position!) { lease(leaseId: $id, atLeast: $at) { tick } }',
    { id, at: `${position}` },
  )
  expect(data!.lease.tick).toBe(77)
  const { errors } = await ask(node, '{ leases(atLeast: "999999999") { edges { cursor } } }')
  expect(errors?.[0]?.extensions.code).toBe('api.stale-read')
})

it('gives the coins of each account', async () => {
  const { data } = await ask(node, '{ balances { account confirmedSats } }')
  const accounts = ['RECEIVE', 'CHANGE', 'IDENTITY', 'CHANNEL']
  expect(data).toEqual({ balances: accounts.map((account, i) => ({ account, confirmedSats: `${i}` })) })
})
