import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputObjectType,
  getNamedType,
  isObjectType,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../src/api/schema/schema.ts'
import { AT, leaseIdNumber, PROVIDER, PUBLISHER, sought, toMetering, toSettled } from '../projections/lease-history.ts'
import { ask, startNode, type TestNode } from './node.ts'

const LEASES = 30
let node: TestNode

beforeAll(async () => {
  node = await startNode()
  for (let n = 1; n <= LEASES; n++) {
    const id = leaseIdNumber(n)
    const paidSats = BigInt(n)
    const paid = { type: 'lease.paid', at: AT, tick: 1, paidSats } as never
    const begun =
      n % 3 === 2 ? [sought(id, AT + n)] : [...toMetering(id), ...(n % 3 === 0 ? toSettled(paidSats) : [paid])]
    await node.append(`lease-${id}`, ...begun)
  }
  const summary = { coinbase: false, outputSats: 5n, inputs: 1, outputs: 1, virtualSize: 100 }
  for (let height = 1; height <= 9; height++)
    await node.append('chain', {
      type: 'chain.connected',
      at: AT,
      height,
      hash: `${height}`.repeat(64),
      previous: '00',
      time: 1_700_000_000 + height * 600,
      transactions: Array.from({ length: (height % 4) + 1 }, (_, i) => ({
        ...summary,
        txid: `${height}${i}`.repeat(32),
      })),
    } as never)
  await node.projector.waitFor(await node.journal.head(), 60_000)
})
afterAll(() => node.close())

type Row = Record<string, unknown> & { position: string }
type List = { edges: { cursor: string; node: Row }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

const FIELDS: Readonly<Record<string, string>> = {
  leases: 'id leaseId stage side active paidSats hourlyMsat providerKey soughtAt position',
  blocks: 'id height time transactionCount position',
  transactions: 'id height outputSats virtualSize position',
}

const page = async (list: string, args: string): Promise<List> => {
  const query = `{ list: ${list}(${args}) { edges { cursor node { ${FIELDS[list] ?? 'id position'} } } pageInfo { hasNextPage endCursor } } }`
  const { data, errors } = await ask<{ list: List }>(node, query)
  expect(errors).toBeUndefined()
  return data!.list
}

const all = async (list: string, args = '', first = 7): Promise<Row[]> => {
  const rows: Row[] = []
  let after = ''
  for (;;) {
    const { edges, pageInfo } = await page(list, `first: ${first} ${after} ${args}`)
    rows.push(...edges.map((edge) => edge.node))
    if (!pageInfo.hasNextPage) return rows
    after = `after: "${pageInfo.endCursor}"`
  }
}

type Found = { readonly name: string; readonly field: GraphQLField<unknown, unknown> }
const connections: Found[] = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .flatMap((type) => Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })))
  .filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'))

describe('every connection', () => {
  it('can be paged, filtered and sorted', () => {
    const wanted = ['after', 'filter', 'first', 'orderBy']
    const lacking = connections.map(({ name, field }) => {
      const args = new Set(field.args.map((arg) => arg.name))
      return [name, wanted.filter((arg) => !args.has(arg))] as const
    })
    expect(connections.length).toBeGreaterThan(6)
    expect(lacking.filter(([, missing]) => missing.length > 0)).toEqual([])
  })

  it('answers a null filter, each order, and each field of its filter', async () => {
    for (const { name, field } of connections.filter((it) => it.name.startsWith('Query.'))) {
      const argOf = (arg: string) =>
        getNamedType(field.args.find((it) => it.name === arg)!.type) as GraphQLInputObjectType
      const required = field.args.filter(
        (arg) => `${arg.type}`.endsWith('!') && arg.defaultValue === undefined && arg.name !== 'first',
      )
      if (required.length > 0) continue
      const keys = (getNamedType(argOf('orderBy').getFields()['by']!.type) as GraphQLEnumType).getValues()
      const orders = keys.flatMap(({ name: by }) =>
        ['ASCENDING', 'DESCENDING'].map((way) => `orderBy: { by: ${by}, direction: ${way} }`),
      )
      const filters = Object.keys(argOf('filter').getFields()).map((key) => `filter: { ${key}: null }`)
      for (const args of ['filter: null', ...orders, ...filters]) {
        const { errors } = await ask(node, `{ ${field.name}(${args}) { edges { cursor } pageInfo { hasNextPage } } }`)
        expect([name, args, errors]).toEqual([name, args, undefined])
      }
    }
  })
})

it('every thing that a query gives says up to where it was read', () => {
  const given = Object.values(schema.getQueryType()!.getFields())
    .map(({ type }) => getNamedType(type))
    .filter(isObjectType)
  const rows = given.map((type) => {
    const edges = type.getFields()['edges']
    if (edges === undefined) return type
    return getNamedType((getNamedType(edges.type) as typeof type).getFields()['node']!.type) as typeof type
  })
  expect(rows.length).toBeGreaterThan(10)
  expect(rows.filter((type) => type.getFields()['position'] === undefined).map(({ name }) => name)).toEqual([])
})

describe('filters', () => {
  const number = (row: Row): number => Number.parseInt(row['leaseId'] as string, 16)
  const CASES: readonly (readonly [string, (row: Row) => boolean])[] = [
    ['{ stage: [METER] }', (row) => row['stage'] === 'METER'],
    ['{ stage: [METER, SETTLED] }', (row) => row['stage'] === 'METER' || row['stage'] === 'SETTLED'],
    ['{ stage: [] }', () => false],
    ['{ active: true }', (row) => row['active'] === true],
    ['{ active: false, stage: [SETTLED] }', (row) => row['stage'] === 'SETTLED'],
    ['{ side: PROVIDER }', () => false],
    [`{ provider: ["${PROVIDER}"] }`, (row) => row['providerKey'] === PROVIDER],
    [`{ publisher: ["${PUBLISHER}"] }`, () => true],
    ['{ paidSats: { min: "10" } }', (row) => BigInt(row['paidSats'] as string) >= 10n],
    ['{ paidSats: { min: "10", max: "12" } }', (row) => [10n, 11n, 12n].includes(BigInt(row['paidSats'] as string))],
    ['{ paidSats: { min: "9999999999999999999" } }', () => false],
    ['{ hourlyMsat: {} }', () => true],
    [
      `{ soughtAt: { from: "${new Date(AT + 5).toISOString()}", before: "${new Date(AT + 8).toISOString()}" } }`,
      (row) => number(row) % 3 === 2 && [5, 6, 7].includes(number(row)),
    ],
    ['{ endCode: ["stopped-by-publisher"] }', (row) => row['stage'] === 'SETTLED'],
  ]

  it.each(CASES)('leases %s', async (filter, passes) => {
    const expected = (await all('leases')).filter(passes).map(number)
    expect((await all('leases', `filter: ${filter}`)).map(number)).toEqual(expected)
  })

  it('of blocks and transactions hold', async () => {
    const heights = async (list: string, filter: string) =>
      (await all(list, `filter: ${filter}`)).map((row) => row['height'])
    expect(await heights('blocks', '{ height: { min: 3, max: 5 } }')).toEqual([5, 4, 3])
    expect(await heights('blocks', '{ transactionCount: { min: 4 } }')).toEqual([7, 3])
    expect(await heights('blocks', '{ time: { from: "2023-11-14T23:43:20.000Z" } }')).toEqual([9])
    expect(await heights('transactions', '{ height: { max: 2 } }')).toEqual([2, 2, 2, 1, 1])
  })

  it('refuse more values than anybody needs', async () => {
    const keys = Array.from({ length: 101 }, () => `"${PROVIDER}"`).join(' ')
    const { errors } = await ask(node, `{ leases(filter: { provider: [${keys}] }) { edges { cursor } } }`)
    expect(errors?.[0]?.extensions.code).toBe('api.bad-input')
  })
})

describe('orders', () => {
  it.each([
    ['leases', 'PAID', 'paidSats'],
    ['leases', 'HOURLY', 'hourlyMsat'],
    ['leases', 'CHANGED', 'position'],
    ['blocks', 'TRANSACTION_COUNT', 'transactionCount'],
    ['transactions', 'VIRTUAL_SIZE', 'virtualSize'],
  ])('%s by %s, each row once', async (list, by, field) => {
    const ids = (rows: Row[]) => rows.map((row) => row['id']).sort()
    const unsorted = await all(list)
    for (const direction of ['ASCENDING', 'DESCENDING']) {
      const rows = await all(list, `orderBy: { by: ${by}, direction: ${direction} }`, 4)
      expect(ids(rows)).toEqual(ids(unsorted))
      const values = rows.map((row) => BigInt(row[field] as string))
      const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      expect(values).toEqual(direction === 'ASCENDING' ? sorted : sorted.toReversed())
    }
  })

  it('have cursors of their own', async () => {
    const { pageInfo } = await page('leases', 'first: 1')
    const paid = `{ leases(after: "${pageInfo.endCursor}", orderBy: { by: PAID }) { edges { cursor } } }`
    expect((await ask(node, paid)).errors?.[0]?.extensions.code).toBe('api.bad-input')
  })
})

describe("a lease's log", () => {
  const id = leaseIdNumber(3)
  const log = async (args: string): Promise<{ types: string[]; next: string | null }> => {
    type Log = {
      lease: { log: { edges: { node: { type: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } }
    }
    const query = `{ lease(leaseId: "${id}") { log(${args}) { edges { node { type } } pageInfo { hasNextPage endCursor } } } }`
    const { edges, pageInfo } = (await ask<Log>(node, query)).data!.lease.log
    return { types: edges.map((edge) => edge.node.type), next: pageInfo.hasNextPage ? pageInfo.endCursor : null }
  }

  it('is read in pages from either end', async () => {
    const { types } = await log('first: 100')
    const paged = async (args: string) => {
      const found: string[] = []
      for (let after = ''; ; ) {
        const piece = await log(`first: 2 ${after} ${args}`)
        found.push(...piece.types)
        if (piece.next === null) return found
        after = `after: "${piece.next}"`
      }
    }
    expect(types[0]).toBe('lease.sought')
    expect(await paged('')).toEqual(types)
    expect(await paged('orderBy: { by: VERSION, direction: DESCENDING }')).toEqual(types.toReversed())
    expect(await paged('filter: { type: ["lease.ended", "lease.sought"] }')).toEqual(['lease.sought', 'lease.ended'])
    expect(await paged('filter: { type: [] }')).toEqual([])
  })

  it('has entries that are nodes', async () => {
    const { data } = await ask<{ node: { type: string } }>(
      node,
      `{ node(id: "LogEntry:${id}.1") { id ... on LogEntry { type } } }`,
    )
    expect(data!.node).toEqual({ id: `LogEntry:${id}.1`, type: 'lease.sought' })
    for (const none of [`${id}.999`, `${id}.0`, `${id}.x`, 'x.1', `../${id}.1`])
      expect(await ask(node, `{ node(id: "LogEntry:${none}") { id } }`)).toEqual({ data: { node: null } })
  })
})
