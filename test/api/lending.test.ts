import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnnouncementFact } from '../../domain/announcement/facts.ts'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import type { Policy } from '../../domain/match.ts'
import { mapPrice } from '../../domain/price.ts'
import { graphqlClient } from '../../src/api/client.ts'
import type { Lending } from '../../src/api/port.ts'
import { memoryJournal } from '../../src/journal/memory.ts'
import { announcementFacts, BODY, NO } from '../domain/announcement/sample.ts'
import { AT, leaseIdNumber, metered, sought, toMetering, toSettled } from '../projections/lease-history.ts'
import { ask, smallMarket, startNode, type TestNode, TOKEN } from './node.ts'

const POLICY: Policy = {
  ask: mapPrice(() => 1_000_000n),
  floor: mapPrice(() => 500_000n),
  images: [BODY.image],
  trustedKeys: [`02${'9'.repeat(64)}`],
  isolation: 'container',
  bridgeAllowed: false,
  maxDurationMs: BODY.maxDurationMs,
  maxLeases: 10,
}
const LENDING: Lending = {
  policy: POLICY,
  total: { cpuMillis: 8_000, memoryBytes: 2 ** 33, diskBytes: 2 ** 40, pids: 512 },
  open: { leftMs: 90_000, until: 'until 08:00' },
  availability: undefined,
}
const facts = announcementFacts()
const txid = (n: number) => `${n}`.repeat(64)
let node: TestNode
/** How often the market was asked what it lends. */
let asks = 0
let position: string

const asked = async <T>(query: string, variables = {}): Promise<T> => {
  const { data, errors } = await ask<T>(node, query.replaceAll('POSITION', position), variables)
  expect(errors).toBeUndefined()
  return data as T
}

beforeAll(async () => {
  const journal = memoryJournal()
  node = await startNode(0, {
    journal,
    market: {
      ...smallMarket(journal),
      lending: async () => {
        asks++
        return LENDING
      },
    },
  })
  const own = (id: string, at = AT): LeaseFact => ({ ...sought(id, at), side: 'provider' }) as LeaseFact
  const [one, two] = [leaseIdNumber(1), leaseIdNumber(2)]
  await node.append(`lease-${one}`, own(one), ...toMetering(one).slice(1), metered(one, 3), ...toSettled(7n))
  await node.append(`lease-${two}`, own(two), ...toMetering(two).slice(1), metered(two, 3), {
    type: 'lease.paid',
    at: AT,
    tick: 3,
    paidSats: 2n,
  } as LeaseFact)
  const seen = { ...facts['announcement.seen'], at: AT } as AnnouncementFact
  const described = facts['announcement.described'] as Extract<AnnouncementFact, { type: 'announcement.described' }>
  await node.append(`announcement-${txid(1)}`, seen as never, described, {
    type: 'announcement.judged',
    at: AT,
    verdict: NO,
  } as never)
  const bridge = { ...described, body: { ...BODY, machineNetwork: 'bridge' } }
  position = `${await node.append(`announcement-${txid(2)}`, { ...seen, at: AT + 1 } as never, bridge as never)}`
})
afterAll(() => node.close())

describe('a provider’s own view', () => {
  it('has its rules, and what is free now', async () => {
    const { lending } = await asked<{ lending: object }>(`{ lending(atLeast: "POSITION") {
      ask { wallHour } floor { wallHour } images trustedKeys isolation internet maxDurationS maxLeases
      total { cpuMillis } free { cpuMillis pids } leases openForS openUntil askHourlyMsat
    } }`)
    expect(lending).toEqual({
      ask: { wallHour: '1000000' },
      floor: { wallHour: '500000' },
      images: [BODY.image],
      trustedKeys: [`02${'9'.repeat(64)}`],
      isolation: 'CONTAINER',
      internet: false,
      maxDurationS: 3_600,
      maxLeases: 10,
      total: { cpuMillis: 8_000 },
      free: { cpuMillis: 7_000, pids: 448 },
      leases: 1,
      openForS: 90,
      openUntil: 'until 08:00',
      askHourlyMsat: `${1_000_000 * (1 + 8 + 8 + 1_024)}`,
    })
  })

  it('adds up what was earned, on the chain and in vouchers', async () => {
    const { earnings, utilisation } = await asked<{ earnings: object; utilisation: { edges: { node: object }[] } }>(
      `{ earnings(days: 3660, atLeast: "POSITION") { settledSats settledCount heldSats owedMsat activeCount }
         utilisation(bucket: DAY) { edges { node { sold { settledSats settledCount owedMsat } } } } }`,
    )
    expect(earnings).toMatchObject({ settledSats: '7', settledCount: 1, heldSats: '2', activeCount: 1 })
    // Days of 2023 are kept for ten years.
    expect(utilisation.edges.map((edge) => edge.node)).toMatchObject([{ sold: { settledSats: '7', settledCount: 1 } }])
  })

  it('judges all rows of a list by one look at what is free, and of the next by another', async () => {
    const before = asks
    for (const times of [1, 2]) {
      await asked(`{ announcements(atLeast: "POSITION") { edges { node { verdictNow { ok } } } } }`)
      expect(asks - before).toBe(times)
    }
  })

  it('lists announcements that it did not take, with the verdict of then and of now', async () => {
    const { announcements } = await asked<{ announcements: { edges: { node: object }[] } }>(
      `{ announcements(atLeast: "POSITION", filter: { matched: false }) { edges { node {
        txid verdict { ok rules { rule ok } } verdictNow { ok rules { rule ok } } answers { bids { outcome } } } } } }`,
    )
    expect(announcements.edges).toHaveLength(1)
    expect(announcements.edges[0]!.node).toMatchObject({
      txid: txid(1),
      verdict: { ok: false, rules: [{ rule: 'cpu', ok: false }] },
      verdictNow: { ok: false },
      answers: null,
    })
  })

  const WHAT_IF = `query($input: WhatIfInput!) { whatIf(input: $input, atLeast: "POSITION") { __typename
    ... on WhatIf { announcements truncated present { ...tried } changed { ...tried } } ... on Problem { code } } }
    fragment tried on PolicyTried { matched machines earnedMsat exclusions { rule excludes alone } }`
  const seen = { from: new Date(AT - 1_000).toISOString(), before: new Date(AT + 1_000).toISOString() }

  it('says what other rules would have made of the announcements of a time', async () => {
    const { whatIf } = await asked<{ whatIf: object }>(WHAT_IF, {
      input: { seen, trustAnybody: true, internet: true, pricePercent: 50 },
    })
    expect(whatIf).toEqual({
      __typename: 'WhatIf',
      announcements: 2,
      truncated: false,
      present: {
        matched: 0,
        machines: 0,
        earnedMsat: '0',
        exclusions: [
          { rule: 'trusted', excludes: 2, alone: 1 },
          { rule: 'network', excludes: 1, alone: 0 },
        ],
      },
      // Two machines of each: 2 cores of 8; half of 7 million msat for the hour that each lasts.
      changed: { matched: 2, machines: 4, earnedMsat: '14000000', exclusions: [] },
    })
  })

  it.each([
    [{ pricePercent: 0 }],
    [{ maxLeases: -1 }],
    [{ seen: { from: new Date(0).toISOString() } }],
    [{ seen: { from: seen.before, before: seen.from } }],
  ])('refuses %j', async (input) => {
    const { whatIf } = await asked<{ whatIf: object }>(WHAT_IF, { input })
    expect(whatIf).toEqual({ __typename: 'Refused', code: 'api.bad-input' })
  })
})

it('is looked at anew for each event of a subscription', async () => {
  const id = leaseIdNumber(9)
  await node.append(
    `lease-${id}`,
    { ...sought(id), announcement: `${txid(1)}:1` } as LeaseFact,
    ...toMetering(id).slice(1, 3),
  )
  const before = asks
  const cut = new AbortController()
  const events = graphqlClient({ url: node.api.url, token: TOKEN }).subscribe<{
    leaseEvents: { lease?: { announcement: { verdictNow: { ok: boolean } } } }
  }>(
    `subscription { leaseEvents(leaseId: "${id}") { ... on LeaseEvent { lease { announcement { verdictNow { ok } } } } } }`,
    {},
    { signal: cut.signal },
  )
  let told = 0
  for await (const { leaseEvents } of events) {
    expect(leaseEvents.lease?.announcement.verdictNow).toEqual({ ok: false })
    if (++told === 3) break
  }
  cut.abort()
  expect(asks - before).toBe(3)
})
