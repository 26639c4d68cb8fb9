import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MEDIA_TYPES } from '../../../src/api/hot/request.ts'
import { leaseIdNumber, metered, toMetering, toSettled } from '../../projections/lease-history.ts'
import { startNode, type TestNode, TOKEN } from '../node.ts'
import { type Asked, CORPUS } from './corpus.ts'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
  for (let n = 1; n <= 60; n++) {
    const id = leaseIdNumber(n)
    await node.append(`lease-${id}`, ...toMetering(id), metered(id, n))
  }
  await node.append(`lease-${leaseIdNumber(7)}`, ...toSettled(4n))
  await node.projector.waitFor(await node.journal.head(), 60_000)
})
afterAll(() => node.close())

const hotAnswers = async (): Promise<number> => (await node.metrics.hotAnswers.get()).values[0]?.value ?? 0

const answered = async (asked: Asked, accept: string) => {
  const response = await fetch(`${node.api.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', accept },
    body: JSON.stringify(asked),
  })
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
  )
  return { status: response.status, headers, body: masked(await response.text()) }
}

/** Each request has an id of its own. */
const masked = (body: string): string => body.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'REQUEST')

/** `extensions` are nothing to the answer, and make a request one for Yoga. */
const byYoga = (asked: Asked, accept: string) => answered({ ...asked, extensions: {} } as Asked, accept)

describe.each(Object.keys(MEDIA_TYPES))('accepting %s', (accept) => {
  it.each(Object.entries(CORPUS))(
    '%s: compiled and by Yoga, the answers are the same to the byte',
    async (_, asked) => {
      const expected = await byYoga(asked, accept)
      await answered(asked, accept)
      const before = await hotAnswers()
      expect(await answered(asked, accept)).toEqual(expected)
      expect(await answered(asked, accept)).toEqual(expected)
      expect(await byYoga(asked, accept)).toEqual(expected)
      const isLeft = expected.body.includes('"errors":') || asked.query.includes('@')
      expect((await hotAnswers()) - before).toBe(isLeft ? 0 : 2)
    },
  )
})

it('remembers nothing from one request to the next', async () => {
  const id = leaseIdNumber(61)
  const asked = { query: `{ node(id: "Lease:${id}") { ... on Lease { tick stage } } }`, variables: {} } as Asked
  await node.append(`lease-${id}`, ...toMetering(id), metered(id, 1))
  const tickOf = async () => JSON.parse((await answered(asked, 'application/json')).body).data.node.tick
  const told = async (tick: number): Promise<void> => {
    await node.projector.waitFor(await node.journal.head(), 60_000)
    for (let i = 0; i < 3; i++) expect(await tickOf()).toBe(tick)
  }
  const before = await hotAnswers()
  await told(1)
  await node.append(`lease-${id}`, metered(id, 2))
  await told(2)
  expect(await hotAnswers()).toBeGreaterThan(before)
})
