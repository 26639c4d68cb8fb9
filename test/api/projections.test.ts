import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { TABLES } from '../../projections/tables.ts'
import { ANNOUNCEMENT, agreed, leaseIdNumber, metered, offered, sought } from '../projections/lease-history.ts'
import { ask, startNode, type TestNode } from './node.ts'

const ID = leaseIdNumber(1)
const WAIT_MS = 30_000

type Projection = { name: string; position: string; lagFacts: number; lagSeconds: number; building: object | null }

describe('projections and statistics in the API', () => {
  let node: TestNode
  beforeEach(async () => {
    node = await startNode()
  })
  afterEach(() => node.close())

  const lease = async (...facts: LeaseFact[]): Promise<number> => {
    const position = await node.append(`lease-${ID}`, ...facts)
    await node.projector.waitFor(position, WAIT_MS)
    return position
  }

  it('shows how far each table is, and builds one anew once for its key', async () => {
    const position = await lease(sought(ID))
    const query = '{ projections { name position lagFacts lagSeconds stopped { code } building { percent } } }'
    const { data } = await ask<{ projections: Projection[] }>(node, query)
    expect(data?.projections.map(({ name }) => name)).toEqual(TABLES.map(({ name }) => name))
    expect(data?.projections[0]).toMatchObject({ position: `${position}`, lagFacts: 0, lagSeconds: 0, building: null })

    const rebuild = (name: string, key: string) =>
      ask<{ rebuildProjection: { __typename: string; code?: string; next?: string } }>(
        node,
        `mutation($input: ProjectionInput!) { rebuildProjection(input: $input) {
          __typename ... on ProjectionTold { projection { name } } ... on Problem { code next } } }`,
        { input: { name, idempotencyKey: key } },
      )
    expect((await rebuild('leases', 'one')).data?.rebuildProjection).toEqual({
      __typename: 'ProjectionTold',
      projection: { name: 'leases' },
    })
    expect((await rebuild('nobody', 'two')).data?.rebuildProjection).toMatchObject({
      __typename: 'Refused',
      code: 'projector.unknown-table',
      next: expect.stringContaining('leases'),
    })
    const { data: replayed } = await ask(
      node,
      `mutation { replayProjection(input: {name: "leases", idempotencyKey: "three"}) { __typename } }`,
    )
    expect(replayed).toEqual({ replayProjection: { __typename: 'ProjectionTold' } })
    expect(node.projector.position('leases')).toBeGreaterThanOrEqual(position)
  })

  it('adds up the market', async () => {
    const now = Date.now()
    const at = <F extends LeaseFact>(fact: F): F => ({ ...fact, at: now })
    const seen = {
      type: 'announcement.seen',
      at: now - 2_500,
      txid: ANNOUNCEMENT,
      author: '',
      bondSats: 1n,
      record: { count: 2, cpuMillis: 1_000, memoryMiB: 1, diskGiB: 1, maxHourlyMsat: 1_000_000n, expiryHeight: 9 },
    }
    await node.append(`announcement-${ANNOUNCEMENT}`, seen as never)
    await lease(
      at({ ...sought(ID), side: 'provider' } as LeaseFact),
      at(offered(ID)),
      at(agreed(ID)),
      at(metered(ID, 10)),
    )
    const { data, errors } = await ask<Record<string, never>>(
      node,
      `{ marketStatistics { announcements machinesWanted openOffers
           prices { resource agreed { count medianMsat meanMsat } offered { count } }
           timeToAgreed { count p50Ms } timeToServing { count } sold { owedMsat used { cpuUs } leasedCoreUs } }
         priceHistory(resource: WALL_HOUR, bucket: MINUTE) { edges { node { prices { minMsat maxMsat } } } }
         fillHistory { edges { node { times { maxMs } } } }
         utilisation { edges { node { sold { owedMsat } leasedCpuShare } } }
         depth { demand { levelMsat machines machinesSoFar cores } supply { levelMsat } } }`,
    )
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      marketStatistics: {
        announcements: 1,
        machinesWanted: 2,
        openOffers: 0,
        timeToAgreed: { count: 1, p50Ms: '2500' },
        timeToServing: null,
        sold: { owedMsat: expect.stringMatching(/^\d+$/), used: { cpuUs: '5000000' }, leasedCoreUs: '10000000' },
      },
      priceHistory: { edges: [{ node: { prices: { minMsat: '3600000', maxMsat: '3600000' } } }] },
      fillHistory: { edges: [{ node: { times: { maxMs: '2500' } } }] },
      utilisation: { edges: [{ node: { leasedCpuShare: expect.any(Number) } }] },
      depth: { demand: [{ levelMsat: '983040', machines: 2, machinesSoFar: 2, cores: 2 }], supply: [] },
    })
    const { errors: refused } = await ask(node, '{ marketStatistics(hours: 721) { from } }')
    expect(refused?.[0]?.extensions.code).toBe('api.bad-input')
  })
})
