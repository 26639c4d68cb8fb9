import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { type GraphqlClient, graphqlClient } from '../../src/api/client.ts'
import { followLog } from '../../src/api/follow.ts'
import type { Position, Retaining } from '../../src/journal/port.ts'
import { leaseIdNumber, metered, toMetering } from '../projections/lease-history.ts'
import { startNode, type TestNode, TOKEN } from './node.ts'

let node: TestNode
let client: GraphqlClient
beforeEach(async () => {
  node = await startNode()
  client = graphqlClient({ url: node.api.url, token: TOKEN })
})
afterEach(() => node.close())

type Item = Readonly<Record<string, unknown>> & { readonly __typename: string }

/** Up to where everything was told. */
const toldBy = async (query: string, variables: Record<string, unknown> = {}): Promise<Item[]> => {
  const items: Item[] = []
  for await (const data of client.subscribe<Record<string, Item>>(query, variables)) {
    const item = Object.values(data)[0]!
    items.push(item)
    if (item.__typename === 'CaughtUp') return items
  }
  throw new Error('it ended')
}

const id = leaseIdNumber(1)
const stream = `lease-${id}`
const EVENTS = `subscription ($leaseId: Hex!, $after: Position) { leaseEvents(leaseId: $leaseId, after: $after) { __typename
  ... on LeaseEvent { position version } ... on CaughtUp { position } ... on SnapshotRequired { position reason } } }`
const retaining = (): Retaining => node.journal as unknown as Retaining

describe('facts that cannot be told', () => {
  const begun = toMetering(id).length
  beforeEach(async () => {
    await node.append(stream, ...toMetering(id), metered(id, 1), metered(id, 2))
  })

  it('because they were removed: the state is to be read, and what comes next follows', async () => {
    await retaining().retain(stream, { newest: 1 })
    const head = `${begun + 2}`
    expect(await toldBy(EVENTS, { leaseId: id })).toEqual([
      { __typename: 'SnapshotRequired', position: head, reason: 'REMOVED' },
      { __typename: 'CaughtUp', position: head },
    ])
    await node.append('announcement-1', { type: 'announcement.withdrawn', at: 1, by: 'me' } as Fact)
    await node.journal.transact([{ stream, expected: begun + 2, facts: [metered(id, 3)] }])
    expect(await toldBy(EVENTS, { leaseId: id, after: `${begun + 2}` })).toMatchObject([
      { __typename: 'SnapshotRequired' },
      { __typename: 'CaughtUp' },
    ])
  })

  it('are none to who is behind them: what is left is told', async () => {
    await retaining().retain(stream, { before: 3 })
    expect(await toldBy(EVENTS, { leaseId: id, after: '4' })).toMatchObject([
      ...Array.from({ length: begun - 2 }, (_, i) => ({ version: i + 5 })),
      { __typename: 'CaughtUp' },
    ])
  })

  it('because the whole stream was', async () => {
    await retaining().tombstone(stream, begun + 2)
    expect((await toldBy(EVENTS, { leaseId: id })).map((it) => it.__typename)).toEqual(['SnapshotRequired', 'CaughtUp'])
  })

  it('because the place is one of another log: also when others already listen', async () => {
    const listens = new AbortController()
    const listening = client.subscribe<Record<string, Item>>(EVENTS, { leaseId: id }, { signal: listens.signal })
    const heard: Item[] = []
    const listened = (async () => {
      for await (const data of listening) heard.push(Object.values(data)[0]!)
    })()
    await expect.poll(() => heard.at(-1)?.__typename, { timeout: 30_000 }).toBe('CaughtUp')
    const items: Item[] = []
    for await (const data of client.subscribe<Record<string, Item>>(EVENTS, { leaseId: id, after: '9999999' })) {
      const item = Object.values(data)[0]!
      items.push(item)
      if (item.__typename === 'CaughtUp') await node.append(stream, metered(id, 3))
      if (item.__typename === 'LeaseEvent') break
    }
    listens.abort()
    await listened
    const head = `${begun + 2}`
    expect(items.slice(0, 3)).toEqual([
      { __typename: 'SnapshotRequired', position: head, reason: 'AHEAD' },
      { __typename: 'CaughtUp', position: head },
      { __typename: 'LeaseEvent', position: `${begun + 3}`, version: begun + 3 },
    ])
  })

  it('are noticed in a feed of many streams as well, by the first fact that is left of one', async () => {
    const sought: Fact = { type: 'lease.sought', at: 1 } as Fact
    await node.append('lease-x', sought, { type: 'lease.lapsed', at: 1 } as Fact)
    await retaining().retain('lease-x', { newest: 1 })
    const follow = async (after: Position): Promise<string[]> => {
      const kinds: string[] = []
      const closing = new AbortController().signal
      const filter = { types: ['lease.sought', 'lease.lapsed'] }
      for await (const told of followLog({ journal: node.journal, filter, after, closing }, () => {})) {
        kinds.push(told.kind)
        if (told.kind === 'caught-up') break
      }
      return kinds
    }
    expect(await follow(begun + 2)).toEqual(['snapshot-required', 'caught-up'])
    expect(await follow(await node.journal.head())).toEqual(['caught-up'])
  })
})

it('walletFeed tells of coins and payments, and goes on behind a place', async () => {
  const keyPath = { account: 'receive', index: 7 }
  await node.append(
    'wallet',
    { type: 'wallet.address-used', at: 1, keyPath, reference: 'MARKED' } as Fact,
    {
      type: 'wallet.received',
      at: 2,
      txid: 'aa',
      vout: 0,
      value: 5n,
      script: '00',
      keyPath,
      coinbase: false,
      bond: false,
    } as Fact,
    { type: 'wallet.scanned', at: 3, height: 1, hash: 'bb' } as Fact,
    { type: 'wallet.sent', at: 4, txid: 'cc', raw: 'MARKED', purpose: 'payment', inputs: [], fee: 2n } as Fact,
  )
  const query = `subscription ($after: Position) { walletFeed(after: $after) { __typename
    ... on WalletEvent { position type txid fact } ... on CaughtUp { position } } }`
  const told = await toldBy(query)
  expect(told).toMatchObject([
    { type: 'wallet.received', txid: 'aa', fact: { value: '5', vout: 0 } },
    { type: 'wallet.sent', txid: 'cc', fact: { purpose: 'payment', fee: '2' } },
    { __typename: 'CaughtUp', position: '4' },
  ])
  expect(JSON.stringify(told)).not.toMatch(/MARKED|keyPath/)
  expect(await toldBy(query, { after: '2' })).toEqual(told.slice(1))
})

it('chainFeed tells of blocks, announcements and channels, and goes on behind a place', async () => {
  const block = { height: 1, hash: 'aa', previous: '00', time: 1, transactions: [] }
  await node.append('chain', { type: 'chain.connected', at: 1, ...block } as Fact)
  await node.append('announcement-77', { type: 'announcement.confirmed', at: 2, height: 1 } as Fact)
  await node.append(
    `channel-${id}`,
    { type: 'channel.funded', at: 3, txid: 'bb', vout: 1, raw: 'MARKED' } as Fact,
    { type: 'channel.paid', at: 3, paid: 1n, signature: 'MARKED' } as Fact,
    { type: 'channel.opened', at: 4, height: 1 } as Fact,
  )
  await node.append('chain', { type: 'chain.disconnected', at: 5, height: 1, hash: 'aa' } as Fact)
  const query = `subscription ($after: Position) { chainFeed(after: $after) { __typename
    ... on ChainEvent { position type announcementTxid leaseId height fact } ... on CaughtUp { position } } }`
  const told = await toldBy(query)
  expect(told).toMatchObject([
    { type: 'chain.connected', height: 1, announcementTxid: null, leaseId: null, fact: block },
    { type: 'announcement.confirmed', announcementTxid: '77', height: 1 },
    { type: 'channel.funded', leaseId: id, height: null, fact: { txid: 'bb', vout: 1 } },
    { type: 'channel.opened', leaseId: id, height: 1 },
    { type: 'chain.disconnected', height: 1 },
    { __typename: 'CaughtUp', position: '6' },
  ])
  expect(JSON.stringify(told)).not.toMatch(/MARKED|channel.paid/)
  expect(await toldBy(query, { after: '3' })).toEqual(told.slice(3))
})

describe('the mempool in chainFeed', () => {
  const FEED = `subscription ($after: Position, $mempool: Boolean) { chainFeed(after: $after, mempool: $mempool) { __typename
    ... on ChainEvent { type waiting position } ... on CaughtUp { position } ... on SnapshotRequired { position reason } } }`
  const txid = (n: number): string => n.toString(16).padStart(64, '0')
  const entered = (n: number): Fact =>
    ({
      type: 'mempool.entered',
      at: n,
      transaction: { txid: txid(n), virtualSize: 100, inputs: 1, outputs: 1, outputSats: 1n, fee: 100n, depends: [] },
    }) as Fact
  const left = (n: number): Fact => ({ type: 'mempool.left', at: n, txid: txid(n), reason: 'dropped' }) as Fact
  const waiting = (items: readonly Item[]) => items.flatMap((it) => (it['waiting'] == null ? [] : [it['waiting']]))

  it('is told to who asks for it, and goes on behind a cut without gap or duplicate', async () => {
    await node.append('mempool', entered(1), entered(2), left(1))
    expect(waiting(await toldBy(FEED))).toEqual([])
    const whole = await toldBy(FEED, { mempool: true })
    expect(waiting(whole)).toEqual([txid(1), txid(2), txid(1)])
    for (const [i, { position }] of whole.slice(0, 3).entries()) {
      const rest = await toldBy(FEED, { mempool: true, after: position })
      expect(waiting(rest)).toEqual(waiting(whole).slice(i + 1))
    }
  })

  it('that was let go of is told as a snapshot, and the blocks still from the beginning', async () => {
    await node.append('mempool', entered(1), left(1), entered(2))
    await retaining().retain('mempool', { before: 3 })
    expect((await toldBy(FEED, { mempool: true })).map((it) => it.__typename)).toContain('SnapshotRequired')
    expect((await toldBy(FEED)).map((it) => it.__typename)).toEqual(['CaughtUp'])
    const { fees } = await client.request<{ fees: { waiting: number; estimates: { feeRate: number }[] } }>(
      '{ fees(targets: [1, 4]) { waiting estimates { feeRate } } }',
    )
    expect(fees).toEqual({ waiting: 1, estimates: [{ feeRate: 20 }, { feeRate: 5 }] })
  })
})
