import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LeaseFact } from '../../domain/lease/facts.ts'
import { leaseIdNumber, PROVIDER, toMetering, toSettled } from '../projections/lease-history.ts'
import { ask, startNode, type TestNode } from './node.ts'

let node: TestNode
let position: number
const OTHER = `02${'c'.repeat(64)}`

/** The same lease now, with another provider. */
const recently = (facts: readonly LeaseFact[], key = PROVIDER): LeaseFact[] =>
  JSON.parse(
    JSON.stringify(facts, (_, value) => (typeof value === 'bigint' ? `big:${value}` : value)).replaceAll(PROVIDER, key),
    (name, value) =>
      typeof value === 'string' && value.startsWith('big:')
        ? BigInt(value.slice(4))
        : name === 'at'
          ? Date.now() - 1_700_000_100_000 + value
          : value,
  )

beforeAll(async () => {
  node = await startNode()
  const [one, two] = [leaseIdNumber(1), leaseIdNumber(2)]
  await node.append(`lease-${one}`, ...recently([...toMetering(one), ...toSettled(7n)]))
  position = await node.append(`lease-${two}`, ...recently(toMetering(two).slice(0, 5), OTHER))
})
afterAll(() => node.close())

const DRY_RUN = `query($input: DryRunInput!) { dryRun(input: $input, atLeast: "POSITION") {
  __typename
  ... on DryRun {
    would may wouldNot hourlyMsat wholeMsat lockedSats position
    candidates { provider { key servedCount } answer hourlyMsat rules { rule ok told } }
    exclusions { rule excludes alone }
    relaxation { providerKey gains changes { rule field from to } }
    refusal { code }
  }
  ... on Problem { code message }
} }`

const tried = async (input: object) => {
  const query = DRY_RUN.replace('POSITION', `${position}`)
  const { data, errors } = await ask<{ dryRun: Record<string, unknown> }>(node, query, {
    input: { keepKey: true, maxHourlySats: '12000', pids: 64, ...input },
  })
  expect(errors).toBeUndefined()
  return data!.dryRun
}

describe('dryRun', () => {
  it('names who would, and what it comes to', async () => {
    const found = await tried({ count: 2, idempotencyKey: 'k', waitMs: 5_000 })
    expect(found).toMatchObject({
      __typename: 'DryRun',
      would: 2,
      may: 0,
      wouldNot: 0,
      hourlyMsat: `${2 * 10_800_260}`,
      lockedSats: '24000',
      exclusions: [],
      relaxation: null,
      refusal: null,
    })
    expect(found['candidates']).toMatchObject([
      { provider: { key: OTHER, servedCount: 0 }, answer: 'WOULD' },
      { provider: { key: PROVIDER, servedCount: 1 }, answer: 'WOULD' },
    ])
  })

  it('says what keeps the others, and the least that would win one', async () => {
    expect(await tried({ maxHourlySats: '9000', image: 'dear' })).toMatchObject({
      would: 0,
      wouldNot: 2,
      hourlyMsat: null,
      exclusions: [{ rule: 'price', excludes: 2, alone: 2 }],
      relaxation: { gains: 2, changes: [{ rule: 'price', field: 'maxHourlySats', from: '9000', to: '10802' }] },
      refusal: { code: 'insufficient-funds' },
    })
  })

  it.each([[{ cpuMillis: 0 }], [{ keepKey: false }], [{ label: 'x'.repeat(81) }]])(
    'is checked as a post: %j',
    async (input) => {
      expect(await tried(input)).toMatchObject({ __typename: 'Refused', code: 'api.bad-input' })
      expect(node.market.posts).toEqual([])
    },
  )
})

it('providers are listed, found by their key, and nodes', async () => {
  const { data, errors } = await ask<Record<string, { edges: { node: object }[] } & Record<string, unknown>>>(
    node,
    `{ providers(atLeast: "${position}", orderBy: { by: PAID }, filter: { isolation: [NONE] }) { edges { node { key paidSats offerCount ends { code culprit count } faultCount servedS hardware { cores } } } }
       one: provider(key: "${PROVIDER}") { id images agreedCount servingCount availability { month { lentShare } } }
       none: provider(key: "02${'d'.repeat(64)}") { id }
       node(id: "Provider:${PROVIDER}") { ... on Provider { key mostDurationS } }
       hidden: node(id: "Provider:lease-${leaseIdNumber(2)}") { id } }`,
  )
  expect(errors?.map(({ extensions }) => extensions)).toBeUndefined()
  expect(data!['providers']!.edges.map((edge) => edge.node)).toMatchObject([
    {
      key: PROVIDER,
      paidSats: '7',
      ends: [{ code: 'stopped-by-publisher', count: 1 }],
      faultCount: 0,
      servedS: 19.994,
    },
    { key: OTHER, paidSats: '0', offerCount: 1 },
  ])
  expect(data).toMatchObject({
    one: {
      images: ['zennet/busybox:1'],
      agreedCount: 1,
      servingCount: 0,
      availability: { month: { lentShare: 0.99 } },
    },
    none: null,
    node: { key: PROVIDER, mostDurationS: 3_600 },
    hidden: null,
  })
})
