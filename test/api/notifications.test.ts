import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { graphqlClient } from '../../src/api/client.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { effectFacts } from '../domain/effect/sample.ts'
import { AT, leaseIdNumber, metered, termsOf, toMetering } from '../projections/lease-history.ts'
import { ask, smallMarket, startNode, type TestNode, TOKEN } from './node.ts'

let node: TestNode
const [low, stuck] = [leaseIdNumber(1), leaseIdNumber(2)]
const ended = { type: 'lease.ended', at: AT + 50, code: 'machine-gone', culprit: 'host', why: 'SECRET' } as Fact

beforeAll(async () => {
  const journal = memoryJournal()
  const budget = () => ({ dayBegan: 0, limitSats: 100n, spentSats: 91n, reservedSats: 0n, leftSats: 9n })
  node = await startNode(0, { journal, market: { ...smallMarket(journal), budget } })
  await node.append(`lease-${low}`, ...toMetering(low), { ...metered(low, 3), owedMsat: 49_999_999n } as never)
  await node.append(
    `channel-${stuck}`,
    { type: 'channel.proposed', at: AT, terms: termsOf(stuck).channel } as Fact,
    {
      type: 'channel.closing',
      at: AT,
      txid: 'ab',
      raw: '',
      paid: 1n,
    } as Fact,
  )
  for (let height = 1; height <= 6; height++)
    await node.append('chain', {
      ...{ type: 'chain.connected', at: AT, height, hash: `${height}`.repeat(64), previous: '00', time: 1 },
      transactions: [],
    } as Fact)
  const facts = effectFacts()
  await node.append(`effect-${'e'.repeat(32)}`, facts['effect.asked'], facts['effect.parked'])
  await node.append(`lease-${stuck}`, ...toMetering(stuck), ended)
  await node.projector.waitFor(await node.journal.head(), 60_000)
})
afterAll(() => node.close())

describe('what a person must know', () => {
  it('is listed, the newest first, filtered, and a node', async () => {
    const { data, errors } = await ask<Record<string, { edges: { node: { id: string } }[] } & { code: string }>>(
      node,
      `{ all: notifications { edges { node { id kind severity at subjectKind subjectId code culprit next sats endsAt position } } }
         some: notifications(filter: { severity: [CRITICAL] }) { edges { node { id kind } } }
         of: notifications(filter: { subject: ["${stuck}"], kind: [LEASE_ENDED] }) { edges { node { id } } }
         node(id: "Notification:2") { ... on Notification { code } }
         work: node(id: "Notification:count") { id } }`,
    )
    expect(errors).toBeUndefined()
    expect(data!['all']!.edges.map((edge) => edge.node)).toMatchObject([
      { kind: 'LEASE_ENDED', subjectKind: 'LEASE', subjectId: stuck, code: 'machine-gone', culprit: 'host' },
      { kind: 'EFFECT_PARKED', subjectKind: 'EFFECT' },
    ])
    expect(data!['some']!.edges).toMatchObject([{ node: { kind: 'EFFECT_PARKED' } }])
    expect(data!['of']!.edges).toMatchObject([{ node: { id: 'Notification:2' } }])
    expect([data!['node'], data!['work']]).toEqual([{ code: 'machine-gone' }, null])
  })

  it('is also what holds now', async () => {
    const { data, errors } = await ask<{ alerts: object[] }>(
      node,
      '{ alerts { kind severity subjectKind subjectId code next dueAt position } }',
    )
    expect(errors).toBeUndefined()
    expect(data!.alerts).toMatchObject([
      { kind: 'LEASE_LOW', subjectKind: 'LEASE', subjectId: low, dueAt: expect.any(String) },
      { kind: 'BUDGET_LOW', severity: 'WARNING', subjectId: null },
      { kind: 'CHANNEL_STUCK', severity: 'CRITICAL', subjectKind: 'CHANNEL', subjectId: stuck, code: 'closing' },
      { kind: 'EFFECT_PARKED', subjectId: 'e'.repeat(32) },
    ])
  })

  it('comes live, and goes on behind a position', async () => {
    const after = await node.journal.head()
    const client = graphqlClient({ url: node.api.url, token: TOKEN })
    const told: unknown[] = []
    const feed = client.subscribe<{ notificationFeed: { __typename: string } }>(
      `subscription { notificationFeed(after: "${after}") { __typename ... on NotificationEvent { position notification { kind subjectId sats } } } }`,
    )
    const position = await node.append(
      'wallet',
      {
        ...{ type: 'wallet.received', at: AT, txid: 'cd', vout: 0, value: 5n, script: '', coinbase: true, bond: false },
        keyPath: { account: 'receive', index: 0 },
      } as Fact,
      {
        ...{
          type: 'wallet.received',
          at: AT,
          txid: 'ab',
          vout: 0,
          value: 7n,
          script: '',
          coinbase: false,
          bond: false,
        },
        keyPath: { account: 'receive', index: 0 },
      } as Fact,
    )
    for await (const { notificationFeed } of feed) {
      if (notificationFeed.__typename === 'NotificationEvent') told.push(notificationFeed)
      if (told.length === 2) break
    }
    expect(told).toMatchObject([
      { position: `${position - 1}`, notification: null },
      { position: `${position}`, notification: { kind: 'PAYMENT_RECEIVED', subjectId: 'ab', sats: '7' } },
    ])
  })
})
