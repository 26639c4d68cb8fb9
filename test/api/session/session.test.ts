import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toHex } from '../../../domain/bytes.ts'
import type { Scope } from '../../../domain/session/api-session.ts'
import { loginDigest } from '../../../domain/session/api-session.ts'
import { readGrants } from '../../../domain/session/grant.ts'
import { graphqlClient } from '../../../src/api/client.ts'
import { CHALLENGE_MS, SESSION_MS } from '../../../src/api/session/sessions.ts'
import { sessionClient, signIn, signOrder } from '../../../src/api/session-client.ts'
import { type Body, post, startNode, type TestNode, TOKEN, TXID } from '../node.ts'
import { movedClock, type Person, person } from './signer.ts'

/** By which others reach the node, whichever port it has. */
const NAME = 'https://node.example'
const clock = movedClock()
let folder: string
let node: TestNode
let anna: Person
const start = (): Promise<TestNode> =>
  startNode(0, {
    clock,
    sessions: {
      path: join(folder, 'sessions.sqlite'),
      grants: readGrants([`${anna.key}=read+post+spend:1000`]),
      urls: [NAME],
    },
  })

beforeEach(async () => {
  clock.aheadMs = 0
  folder = await mkdtemp(join(tmpdir(), 'zennet-sessions-'))
  anna = person(clock)
  node = await start()
})
afterEach(async () => {
  await node.close()
  await rm(folder, { recursive: true })
})

const wish = (signer: Person, scopes: readonly Scope[] = ['read'], spendLimitSats = 0n) => ({
  url: node.api.url,
  signer,
  scopes,
  spendLimitSats,
})
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
const WHO = '{ session { key scopes } }'

const codeOf = async (response: Response): Promise<string | undefined> =>
  ((await response.json()) as Body).errors?.[0]?.extensions.code

describe('signing in by a chain key', () => {
  it('opens a session that says whose it is', async () => {
    const bert = person(clock)
    const { token, expiresAt } = await signIn(wish(bert))
    expect(expiresAt - clock.now()).toBeLessThanOrEqual(SESSION_MS)
    expect(await (await post(node, WHO, {}, bearer(token))).json()).toEqual({
      data: { session: { key: bert.key, scopes: ['READ'] } },
    })
    expect(await (await post(node, WHO)).json()).toEqual({ data: { session: null } })
  })

  it('is all that can be asked without a token', async () => {
    for (const query of [
      '{ __typename }',
      '{ __schema { types { name } } }',
      'mutation { createSession: __typename }',
      `mutation { createSessionChallenge(input: { key: "${anna.key}" }) { nonce } a: __typename }`,
      `mutation { ...f } fragment f on Mutation { createSessionChallenge(input: { key: "${anna.key}" }) { nonce } }`,
    ])
      expect((await post(node, query, {}, { authorization: '' })).status).toBe(401)
  })

  it('is refused for another node, another address, another key, another wish, and what the key may not', async () => {
    await expect(signIn({ ...wish(anna), node: person().key })).rejects.toMatchObject({ code: 'api.wrong-node' })
    await expect(signIn(wish(person(clock), ['read', 'spend']))).rejects.toMatchObject({ code: 'api.scope' })
    const refusals: [string, Partial<Parameters<typeof loginDigest>[0]>, object][] = [
      ['api.wrong-audience', { audience: 'http://evil.example' }, { audience: 'http://evil.example' }],
      ['api.bad-signature', { network: 'another' }, {}],
      ['api.bad-signature', { node: person().key }, {}],
      ['api.bad-signature', {}, { scopes: ['READ', 'POST'] }],
      ['api.bad-signature', {}, { spendLimitSats: '1' }],
      ['api.bad-challenge', { nonce: '00'.repeat(32) }, { nonce: '00'.repeat(32) }],
      ['api.bad-challenge', {}, { key: person().key }],
    ]
    for (const [code, signed, sent] of refusals) expect([code, await attempt(signed, sent)]).toEqual([code, code])
    expect(await attempt({}, {})).toBeUndefined()
  })

  /** Signs with some fields, sends others. @returns the code of the refusal */
  const attempt = async (
    signed: Partial<Parameters<typeof loginDigest>[0]>,
    sent: object,
    between: () => Promise<void> = async () => {},
    times = 1,
  ): Promise<string | undefined> => {
    const asked = (await (
      await post(
        node,
        `mutation { createSessionChallenge(input: { key: "${anna.key}" }) { network node nonce expiresAt } }`,
        {},
        { authorization: '' },
      )
    ).json()) as Body<{ createSessionChallenge: { network: string; node: string; nonce: string; expiresAt: string } }>
    const { expiresAt, ...challenge } = asked.data!.createSessionChallenge
    const fields = {
      ...challenge,
      key: anna.key,
      audience: NAME,
      expiresAt: Date.parse(expiresAt),
      scopes: ['read'] as const,
      spendLimitSats: 0n,
      ...signed,
    }
    const signature = toHex(anna.curve.signSchnorr(loginDigest(fields), anna.identity.secret, anna.random.bytes(32)))
    const { key, nonce, audience } = fields
    const input = { key, nonce, audience, expiresAt, scopes: ['READ'], spendLimitSats: '0', signature, ...sent }
    let code: string | undefined
    for (let time = 0; time < times; time++) {
      if (time > 0) await between()
      const answer = await post(
        node,
        'mutation ($input: CreateSessionInput!) { createSession(input: $input) { __typename ... on Problem { code } } }',
        { input },
        { authorization: '' },
      )
      code = ((await answer.json()) as Body<{ createSession: { code?: string } }>).data!.createSession.code
    }
    return code
  }

  it('works once for a challenge, also after a restart, and in time only', async () => {
    expect(await attempt({}, {}, undefined, 2)).toBe('api.replayed')
    const restart = async (): Promise<void> => {
      await node.close()
      node = await start()
    }
    expect(await attempt({}, {}, restart, 2)).toBe('api.replayed')
    const late = async (): Promise<void> => {
      clock.aheadMs += CHALLENGE_MS
    }
    expect(await attempt({}, {}, late, 2)).toBe('api.expired')
  })
})

describe('a session', () => {
  it('ends by itself, when its key is sent away, and with a token that was changed', async () => {
    const { token } = await signIn(wish(anna))
    const status = async (with_ = token): Promise<number> => (await post(node, WHO, {}, bearer(with_))).status
    expect(await status()).toBe(200)
    const [head, body, mac] = token.split('.') as [string, string, string]
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, scopes: ['spend'] })).toString('base64url')
    expect(await status(`${head}.${forged}.${mac}`)).toBe(401)
    expect(await status(`${head}.${body}.`)).toBe(401)

    await post(node, `mutation { revokeSessions(input: { key: "${anna.key}" }) { __typename } }`)
    expect(await status()).toBe(401)
    const again = await signIn(wish(anna))
    expect(await status(again.token)).toBe(200)
    clock.aheadMs += SESSION_MS
    expect(await status(again.token)).toBe(401)
  })

  it('may not send another key away', async () => {
    const { token } = await signIn(wish(person(clock)))
    const answer = await post(
      node,
      `mutation { revokeSessions(input: { key: "${anna.key}" }) { ... on Problem { code } } }`,
      {},
      bearer(token),
    )
    expect(await answer.json()).toEqual({ data: { revokeSessions: { code: 'api.forbidden' } } })
  })

  it('is renewed by a client that signs again', async () => {
    const client = sessionClient(wish(anna))
    for (let n = 0; n < 3; n++) {
      expect(await client.request(WHO)).toMatchObject({ session: { key: anna.key } })
      clock.aheadMs += SESSION_MS
    }
  })
})

const SEND = `mutation ($input: SendInput!) { send(input: $input) { __typename ... on PaymentSent { txid } ... on Problem { code } } }`
const payment = (sats: number, idempotencyKey: string, more: object = {}) => ({
  input: { address: 'a', sats: `${sats}`, idempotencyKey, ...more },
})

describe('money', () => {
  it('needs the scope, and a signature for each time', async () => {
    const reader = await signIn(wish(anna))
    expect(await codeOf(await post(node, SEND, payment(1, 'a'), bearer(reader.token)))).toBe('api.forbidden')
    const spender = await signIn(wish(anna, ['read', 'spend'], 1_000n))
    expect(await codeOf(await post(node, SEND, payment(1, 'a'), bearer(spender.token)))).toBe('api.signature-missing')
  })

  /** Posts with a signature over `signed`, or over what is sent. */
  const order = async (
    token: string,
    sent: Record<string, unknown>,
    signed = sent,
    query = SEND,
  ): Promise<Response> => {
    const session = { signer: anna, network: 'n', node: node.market.status().identity! }
    return send(token, sent, signOrder(session, query, signed))
  }
  const send = (token: string, variables: Record<string, unknown>, signed: unknown): Promise<Response> =>
    fetch(`${node.api.url}/graphql`, {
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify({ query: SEND, variables, extensions: { order: signed } }),
    })
  const resultOf = async (response: Response): Promise<string | undefined> => {
    const { data, errors } = (await response.json()) as Body<{ send: { txid?: string; code?: string } }>
    return errors?.[0]?.extensions.code ?? data!.send.code ?? data!.send.txid
  }

  it('is refused when something else was signed, or the same before; a new signature for the same wish answers as before', async () => {
    const { token } = await signIn(wish(anna, ['spend'], 1_000n))
    expect(await resultOf(await order(token, payment(2, 'a'), payment(1, 'a')))).toBe('api.bad-signature')
    expect(await resultOf(await order(token, payment(1, 'a'), payment(1, 'a'), `${SEND} `))).toBe('api.bad-signature')
    const session = { signer: anna, network: 'n', node: node.market.status().identity! }
    const signed = signOrder(session, SEND, payment(1, 'a'))
    expect(await resultOf(await send(token, payment(1, 'a'), signed))).toBe(TXID)
    expect(await resultOf(await send(token, payment(1, 'a'), signed))).toBe('api.replayed')
    expect(await resultOf(await order(token, payment(1, 'a')))).toBe(TXID)
    const late = signOrder(session, SEND, payment(1, 'b'))
    clock.aheadMs += 31_000
    expect(await resultOf(await send(token, payment(1, 'b'), late))).toBe('api.expired')
  })

  it('is counted over sessions and restarts, once for each wish, and the limit of a session holds besides', async () => {
    const all = await signIn(wish(anna, ['spend'], 1_000n))
    expect(await resultOf(await order(all.token, payment(600, 'a')))).toBe(TXID)
    expect(await resultOf(await order(all.token, payment(600, 'a')))).toBe(TXID)
    expect(await resultOf(await order(all.token, payment(401, 'b')))).toBe('api.spend-limit')
    await node.close()
    node = await start()
    const small = await signIn(wish(anna, ['spend'], 10n))
    expect(await resultOf(await order(small.token, payment(11, 'c')))).toBe('api.spend-limit')
    expect(await resultOf(await order(all.token, payment(401, 'd')))).toBe('api.spend-limit')
    expect(await resultOf(await order(all.token, payment(400, 'e')))).toBe(TXID)
    clock.aheadMs += 86_400_000
    const tomorrow = await signIn(wish(anna, ['spend'], 1_000n))
    expect(await resultOf(await order(tomorrow.token, payment(1_000, 'f')))).toBe(TXID)
    expect(await resultOf(await order(tomorrow.token, payment(1, 'g', { feeRate: 5_000 })))).toBe('api.bad-input')
  })

  it('of the owner needs neither', async () => {
    const owner = graphqlClient({ url: node.api.url, token: TOKEN })
    expect(await owner.request(SEND, payment(5_000, 'a'))).toMatchObject({ send: { txid: TXID } })
  })

  it('is signed by the client that has a key', async () => {
    const client = sessionClient(wish(anna, ['spend'], 1_000n))
    expect(await client.request(SEND, { input: { address: 'a', sats: 5n, idempotencyKey: 'k' } })).toMatchObject({
      send: { txid: TXID },
    })
  })
})
