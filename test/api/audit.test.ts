import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNode, type TestNode, TOKEN } from './node.ts'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node.close())

const audit = (token: string) =>
  auditServer({
    url: `${node.api.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
  })

it('the server passes every audit of GraphQL over HTTP, those of SHOULD and MAY included', async () => {
  const results = await audit(TOKEN)
  expect(results.filter(({ status }) => status !== 'ok').map(({ id, name }) => `${id} ${name}`)).toEqual([])
  expect(results).toHaveLength(61)
})

it('the audits bite: without a token hardly one is passed', async () => {
  const results = await audit('wrong')
  expect(results.filter(({ status }) => status === 'ok').length).toBeLessThan(30)
})
