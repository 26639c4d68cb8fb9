import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import { readTicks } from '../../src/api/ticks.ts'
import { AT, leaseIdNumber, metered, termsOf, toMetering, toSettled } from '../projections/lease-history.ts'
import { ask, startNode, type TestNode } from './node.ts'

const id = leaseIdNumber(1)
const TICKS = 700
let node: TestNode

type Node = Readonly<Record<string, unknown>> & { readonly number: number }
type Listed = { edges: { cursor: string; node: Node }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

const fact = (it: object): Fact => it as Fact
const paid = (tick: number) => fact({ type: 'lease.paid', at: AT + tick * 1_000 + 20, tick, paidSats: BigInt(tick) })
const signed = (tick: number, sats = tick) =>
  fact({ type: 'channel.paid', at: AT, paid: BigInt(sats), signature: tick.toString(16).padStart(4, '0') })

beforeAll(async () => {
  node = await startNode()
  const { journal } = node
  let version = await journal
    .transact([
      { stream: `lease-${id}`, expected: 0, facts: toMetering(id) },
      {
        stream: `channel-${id}`,
        expected: 0,
        facts: [fact({ type: 'channel.proposed', at: AT, terms: termsOf(id).channel })],
      },
    ])
    .then(() => toMetering(id).length)
  let vouchers = 1
  for (let tick = 1; tick <= TICKS; tick++) {
    // Each third is paid one tick later than it was read; 650 never was.
    const late = tick % 3 === 0
    const pays = tick === 650 ? [] : late ? [] : (tick - 1) % 3 === 0 && tick > 1 ? [tick - 1, tick] : [tick]
    const others = { stream: `channel-${leaseIdNumber(2)}`, expected: tick - 1, facts: [signed(9_999)] }
    await journal.transact([
      { stream: `lease-${id}`, expected: version, facts: [metered(id, tick), ...pays.map(paid)] },
      { stream: `channel-${id}`, expected: vouchers, facts: pays.map((it) => signed(it)) },
      // The last is in two channels.
      ...(tick === TICKS ? [{ stream: `channel-${id}.1`, expected: 0, facts: [signed(tick, 5)] }] : []),
    ])
    await journal.transact([others])
    version += 1 + pays.length
    vouchers += pays.length
  }
  await node.append(`lease-${id}`, ...toSettled(1n))
  await node.projector.waitFor(await journal.head(), 60_000)
})
afterAll(() => node.close())

const listed = async (args: string, fields = 'number'): Promise<Listed> => {
  const { data, errors } = await ask<{ lease: { ticks: Listed } }>(
    node,
    `{ lease(leaseId: "${id}") { ticks(${args}) { edges { cursor node { ${fields} } } pageInfo { hasNextPage endCursor } } } }`,
  )
  expect(errors).toBeUndefined()
  return data!.lease.ticks
}
const numbers = async (args: string) => (await listed(args)).edges.map(({ node: { number } }) => number)

describe('ticks of a lease', () => {
  it.each(['ASCENDING', 'DESCENDING'])('are paged whole, %s', async (direction) => {
    const found: number[] = []
    for (let after = ''; ; ) {
      const { edges, pageInfo } = await listed(`first: 97, ${after} orderBy: { by: NUMBER, direction: ${direction} }`)
      found.push(...edges.map((edge) => edge.node.number))
      if (!pageInfo.hasNextPage) break
      after = `after: "${pageInfo.endCursor}",`
    }
    const all = Array.from({ length: TICKS }, (_, i) => i + 1)
    expect(found).toEqual(direction === 'ASCENDING' ? all : all.toReversed())
  })

  it('are found by their numbers', async () => {
    expect(await numbers('first: 3, filter: { number: { max: 650 } }')).toEqual([650, 649, 648])
    expect(
      await numbers('first: 3, filter: { number: { min: 333 } }, orderBy: { by: NUMBER, direction: ASCENDING }'),
    ).toEqual([333, 334, 335])
    expect(await numbers('first: 9, filter: { number: { min: 7, max: 9 } }')).toEqual([9, 8, 7])
    expect(
      await numbers('first: 9, filter: { number: { min: 7, max: 8 } }, orderBy: { by: NUMBER, direction: ASCENDING }'),
    ).toEqual([7, 8])
    expect(await numbers('first: 9, filter: { number: { min: 701 } }')).toEqual([])
    expect(await numbers('first: 9, filter: { number: { max: 0 } }')).toEqual([])
  })

  it.each([{ max: -1 }, { min: -5, max: -1 }, { min: 9, max: 8 }])(
    'are none in %o, and nothing is read to know that',
    async (range) => {
      let reads = 0
      const journal = new Proxy(node.journal, {
        get: (target, name) => {
          reads++
          return Reflect.get(target, name)
        },
      })
      for (const backward of [true, false])
        expect(await readTicks(journal, id, range, { backward, after: undefined, count: 3 })).toEqual([])
      expect(reads).toBe(0)
    },
  )

  it.each(['ASCENDING', 'DESCENDING'])('say what was owed, paid and signed for each, %s', async (direction) => {
    const fields =
      'number at owedMsat paidSats paidAt usage { wallUs } vouchers { leg paidSats signature channelId channel { state } }'
    for (const [min, max] of [
      [1, 20],
      [640, 700],
    ]) {
      const args = `first: 100, filter: { number: { min: ${min}, max: ${max} } }, orderBy: { by: NUMBER, direction: ${direction} }`
      for (const { node: tick } of (await listed(args, fields)).edges) {
        const { number } = tick
        expect(tick['usage']).toEqual({ wallUs: `${number * 1_000_000}` })
        if (number === 650) expect(tick).toMatchObject({ paidSats: null, paidAt: null, vouchers: [] })
        else {
          expect(tick).toMatchObject({
            paidSats: `${number}`,
            paidAt: new Date(AT + number * 1_000 + 20).toISOString(),
          })
          const vouchers = tick['vouchers'] as Record<string, unknown>[]
          // Two payments of one unit have both signatures.
          expect(vouchers.map((it) => it['signature'])).toContain(number.toString(16).padStart(4, '0'))
          expect(vouchers.every((it) => `${it['channelId']}`.startsWith(id))).toBe(true)
          expect(vouchers.map((it) => it['leg'])).toEqual(number >= 699 ? [0, 0, 1] : vouchers.map(() => 0))
        }
      }
    }
  })

  it('make a history of so many points, the newest among them', async () => {
    const history = async (points: number) => {
      const { data, errors } = await ask<{ lease: { usageHistory: { number: number; owedMsat: string }[] } }>(
        node,
        `{ lease(leaseId: "${id}") { usageHistory(points: ${points}) { number owedMsat paidSats } } }`,
      )
      return errors?.[0]?.extensions.code ?? data!.lease.usageHistory.map(({ number }) => number)
    }
    expect(await history(1)).toEqual([700])
    const seven = (await history(7)) as number[]
    expect(seven).toHaveLength(7)
    expect(seven.at(-1)).toBe(700)
    expect(seven).toEqual(seven.toSorted((a, b) => a - b))
    expect(((await history(200)) as number[]).length).toBeGreaterThan(150)
    expect(await history(0)).toBe('api.bad-input')
    expect(await history(201)).toBe('api.bad-input')
  })

  it('are none before there is a meter', async () => {
    const fresh = leaseIdNumber(7)
    const position = await node.append(`lease-${fresh}`, ...toMetering(fresh).slice(0, 3))
    const { data } = await ask<{ lease: object }>(
      node,
      `{ lease(leaseId: "${fresh}", atLeast: "${position}") { ticks { edges { cursor } } usageHistory { number } } }`,
    )
    expect(data!.lease).toEqual({ ticks: { edges: [] }, usageHistory: [] })
  })
})
