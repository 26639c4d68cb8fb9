import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { costOf } from '../../src/api/limits.ts'
import { isAuthorized, readToken } from '../../src/api/token.ts'
import { type Body, post, startNode, type TestNode, TOKEN } from './node.ts'

let node: TestNode
beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node.close())

const codeOf = async (response: Response): Promise<string | undefined> =>
  ((await response.json()) as Body).errors?.[0]?.extensions.code

describe('who may ask', () => {
  it.each(['', 'Bearer', 'Bearer x', 'Basic abc', TOKEN])('refuses authorization "%s"', async (authorization) => {
    const response = await post(node, '{ status { network } }', {}, { authorization })
    expect([response.status, await codeOf(response)]).toEqual([401, 'api.unauthorized'])
  })

  it('refuses a query by GET and a stream without a token', async () => {
    expect((await fetch(`${node.api.url}/graphql?query={__typename}`)).status).toBe(401)
    expect(
      (await fetch(`${node.api.url}/graphql?query={__typename}`, { headers: { accept: 'text/html' } })).status,
    ).toBe(401)
    expect(
      (
        await post(
          node,
          'subscription { marketFeed { __typename } }',
          {},
          { authorization: '', accept: 'text/event-stream' },
        )
      ).status,
    ).toBe(401)
  })

  it('refuses a page of another site, even with the token', async () => {
    const response = await post(node, '{ __typename }', {}, { origin: 'http://evil.example' })
    expect([response.status, await codeOf(response)]).toEqual([403, 'api.foreign-origin'])
    expect((await post(node, '{ __typename }', {}, { origin: node.api.url })).status).toBe(200)
  })

  const closeOf = (headers: Record<string, string>, init?: unknown): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${node.api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: init })))
      socket.on('message', () => socket.close(1000))
      socket.on('unexpected-response', (request, response) => {
        request.destroy()
        resolve(response.statusCode ?? 0)
      })
      socket.on('error', () => undefined)
      socket.on('close', (code) => resolve(code))
    })

  it('asks a socket for the token and for its origin', async () => {
    expect(await closeOf({}, {})).toBe(4403)
    expect(await closeOf({}, { token: 'wrong' })).toBe(4403)
    expect(await closeOf({}, { authorization: `Bearer ${TOKEN}` })).toBe(1000)
    expect(await closeOf({}, { token: TOKEN })).toBe(1000)
    expect(await closeOf({ origin: 'http://evil.example' }, { token: TOKEN })).toBe(403)
  })
})

describe('bombs', () => {
  const nest = (depth: number): string =>
    depth === 0 ? 'leaseId' : `leaseId announcement { id } channel { id } log(first: 1) { edges { cursor } }`
  it.each([
    ['aliases', `{ ${Array.from({ length: 16 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
    ['depth', `{ a { b { c { d { e { f { g { h { i { j { k } } } } } } } } } } }`],
    ['tokens', `{ ${'__typename '.repeat(1_001)} }`],
    ['directives', `{ __typename ${'@include(if: true) '.repeat(6)} }`],
    [
      'cost',
      `{ leases(first: 100) { edges { node { ${nest(1)} log(first: 100) { edges { node { ${'version type '.repeat(20)} a: at b: fact c: position } cursor } } } } } }`,
    ],
    [
      'fragments that double',
      `{ ...f0 } ${Array.from({ length: 40 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f40 on Query { __typename }`,
    ],
    ['a cycle', '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'],
  ])('of %s are answered without being executed', async (_, query) => {
    const response = await post(node, query)
    const body = (await response.json()) as Body
    expect(body.data).toBeUndefined()
  })

  it('cost as many points as a history may have', () => {
    const cost = (args: string, operation = ''): number =>
      costOf(parse(`${operation} { lease(leaseId: "a") { usageHistory${args} { number at } } }`))
    expect([cost('(points: 7)'), cost(''), cost('(points: 9999)'), cost('(points: $n)', 'query ($n: Int!)')]).toEqual([
      2 + 2 * 7,
      2 + 2 * 60,
      2 + 2 * 200,
      2 + 2 * 200,
    ])
  })

  it('of bytes are refused', async () => {
    const response = await post(node, `{ __typename } #${'x'.repeat(110_000)}`)
    expect([response.status, await codeOf(response)]).toEqual([413, 'api.too-large'])
  })

  it('of operations are refused', async () => {
    const response = await post(node, [{ query: '{ __typename }' }, { query: '{ __typename }' }])
    expect(response.status).toBe(400)
  })
})

describe('without a token', () => {
  it('health and metrics are told', async () => {
    expect(await (await fetch(`${node.api.url}/healthz`)).json()).toMatchObject({ ok: true })
    expect((await fetch(`${node.api.url}/readyz`)).status).toBe(200)
    const text = await (await fetch(`${node.api.url}/metrics`)).text()
    for (const name of ['zennet_projection_lag_facts', 'zennet_journal_head_position', 'zennet_leases', 'process_cpu'])
      expect(text).toContain(name)
  })

  it('a browser gets GraphiQL, with nothing from elsewhere', async () => {
    const response = await fetch(`${node.api.url}/graphql`, { headers: { accept: 'text/html' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
    const page = await response.text()
    expect(page).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/)
  })

  it('anything else is not there', async () => {
    const response = await fetch(`${node.api.url}/nothing`)
    expect([response.status, await codeOf(response)]).toEqual([404, 'api.not-found'])
  })
})

it('a port that is taken is a fault that says so', async () => {
  const port = Number(new URL(node.api.url).port)
  await expect(startNode(port)).rejects.toMatchObject({ code: 'api.port-taken' })
})

describe('the token file', () => {
  it('is made once, for this user alone, and refused when it holds something else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zennet-token-'))
    try {
      const path = join(folder, 'state', 'token')
      const tokens = await Promise.all(
        [readToken(path), readToken(path), readToken(path)].map((it) => it.catch(() => '')),
      )
      const token = await readToken(path)
      expect(tokens.filter((it) => it !== '' && it !== token)).toEqual([])
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect(isAuthorized(`Bearer ${token}`, token)).toBe(true)
      expect(isAuthorized(`bearer ${token}`, token)).toBe(true)
      expect(isAuthorized(token, token)).toBe(false)
      await writeFile(path, 'short')
      await expect(readToken(path)).rejects.toMatchObject({ code: 'api.bad-token-file' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
