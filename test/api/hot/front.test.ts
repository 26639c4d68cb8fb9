import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { leaseIdNumber, toMetering } from '../../projections/lease-history.ts'
import { startNode, type TestNode, TOKEN } from '../node.ts'

// A hot query is answered before the framework sees it: whoever may not ask, and whatever is uncommon, must not come through there.

const BODY = JSON.stringify({
  query: 'query ($id: Hex!) { lease(leaseId: $id) { stage } }',
  variables: { id: leaseIdNumber(1) },
})
const ANSWER = { data: { lease: { stage: 'METER' } } }

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly body: unknown }

let node: TestNode

/** A POST with the body in these pieces, each sent when the one before has left. */
const send = (pieces: readonly string[], more: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...more }
    const sent = request(`${node.api.url}/graphql`, { method: 'POST', headers }, async (answer) => {
      const text = (await answer.setEncoding('utf8').toArray()).join('')
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: JSON.parse(text) })
    })
    sent.on('error', reject)
    const [first, ...others] = pieces
    if (others.length === 0) sent.end(first)
    else sent.write(first, () => sent.end(others.join('')))
  })

const hotAnswers = async (): Promise<number> => (await node.metrics.hotAnswers.get()).values[0]?.value ?? 0

const answeredPosts = async (): Promise<number> =>
  (await node.metrics.httpSeconds.get()).values.find(
    ({ metricName, labels }) => metricName?.endsWith('_count') && labels.method === 'POST' && labels.status === '200',
  )?.value ?? 0

beforeAll(async () => {
  node = await startNode()
  await node.append(`lease-${leaseIdNumber(1)}`, ...toMetering(leaseIdNumber(1)))
  await node.projector.waitFor(await node.journal.head(), 60_000)
  for (let i = 0; i < 2; i++) await send([BODY])
})
afterAll(() => node.close())

it('a hot query is counted, measured, and has the asker’s id', async () => {
  const [hot, posts] = [await hotAnswers(), await answeredPosts()]
  const { status, headers, body } = await send([BODY], { 'x-request-id': 'mine-7' })
  expect([status, headers['x-request-id'], body]).toEqual([200, 'mine-7', ANSWER])
  expect(await hotAnswers()).toBe(hot + 1)
  expect(await answeredPosts()).toBe(posts + 1)
})

it.each([
  [401, 'api.unauthorized', { authorization: '' }],
  [401, 'api.unauthorized', { authorization: 'Bearer x' }],
  [403, 'api.foreign-origin', { origin: 'http://evil.example' }],
  [403, 'api.foreign-origin', { 'sec-fetch-site': 'cross-site' }],
  [403, 'api.foreign-host', { host: 'evil.example' }],
])('is refused with %i %s to %j, hot or not', async (expected, code, headers) => {
  const before = await hotAnswers()
  const { status, body } = await send([BODY], headers)
  expect(status).toBe(expected)
  expect(body).toMatchObject({ errors: [{ message: code }] })
  expect(await hotAnswers()).toBe(before)
})

it.each([
  ['of no bytes', [], { 'content-length': '0' }, 400],
  ['of unknown length', [BODY.slice(0, 20), BODY.slice(20)], {}, 200],
  ['with more white space than a hot one may have', [BODY + ' '.repeat(20_000)], {}, 200],
  ['with a name that is refused', [BODY.replace('{', '{"__proto__":{},')], {}, 400],
  ['with that name in disguise', [BODY.replace('{', '{"\\u005f_proto__":{},')], {}, 400],
  ['that is no JSON', [BODY.slice(1)], {}, 400],
])('a body %s is left to the framework', async (_, pieces, headers, expected) => {
  const before = await hotAnswers()
  const { status, body } = await send(pieces, headers)
  expect(status).toBe(expected)
  if (expected === 200) expect(body).toEqual(ANSWER)
  expect(await hotAnswers()).toBe(before)
})

it('a body in pieces is answered, whether they come together or not', async () => {
  for (const at of [1, 20, BODY.length - 1]) {
    const { status, body } = await send([BODY.slice(0, at), BODY.slice(at)], { 'content-length': `${BODY.length}` })
    expect([status, body]).toEqual([200, ANSWER])
  }
})
