import { toHex } from '../../domain/bytes.ts'
import type { Curve } from '../../domain/chain/curve.ts'
import { Fault } from '../../domain/fault.ts'
import { loginDigest, orderDigest, type Scope } from '../../domain/session/api-session.ts'
import type { Clock } from '../clock/port.ts'
import type { Random } from '../random/port.ts'
import { type GraphqlClient, graphqlClient, type Variables } from './client.ts'

/** A session is renewed when it has so little time left, ms. */
const RENEW_BEFORE_MS = 60_000
/** How long a signed operation may be on its way, ms. */
const ORDER_MS = 30_000

export type Signer = {
  readonly identity: { readonly secret: Uint8Array; readonly publicKey: Uint8Array }
  readonly curve: Curve
  readonly random: Random
  readonly clock: Clock
}

export type SessionWish = {
  /** Of the node: `http://host:port`. */
  readonly url: string
  readonly signer: Signer
  readonly scopes: readonly Scope[]
  readonly spendLimitSats: bigint
  /** The node's identity key, hex, when it is known: another's is refused before anything is signed. */
  readonly node?: string
}

export type SignedIn = {
  readonly token: string
  readonly network: string
  readonly node: string
  /** Unix ms. */
  readonly expiresAt: number
}

const CHALLENGE = `mutation ($input: CreateSessionChallengeInput!) {
  createSessionChallenge(input: $input) { network node nonce expiresAt } }`
const CREATE = `mutation ($input: CreateSessionInput!) {
  createSession(input: $input) { ... on SessionCreated { token session { expiresAt } } ... on Problem { code message next } } }`

type Challenge = { createSessionChallenge: { network: string; node: string; nonce: string; expiresAt: string } }
type Created = {
  createSession:
    | { token: string; session: { expiresAt: string } }
    | { token?: undefined; code: string; message: string; next: string }
}

/**
 * Signs in to a node's API by a chain key.
 * @throws Fault `api.wrong-node`, those of `GraphqlClient.request`, and what the node refuses by its code
 */
export const signIn = async ({
  url,
  signer,
  scopes,
  spendLimitSats,
  node: expected,
}: SessionWish): Promise<SignedIn> => {
  const client = graphqlClient({ url, token: undefined })
  const key = toHex(signer.identity.publicKey)
  const { createSessionChallenge: challenge } = await client.request<Challenge>(CHALLENGE, { input: { key } })
  const { network, node, nonce } = challenge
  if (expected !== undefined && node !== expected)
    throw new Fault('api.wrong-node', `${url} is ${node || 'a node without a key'}, not ${expected}`, {
      culprit: 'you',
      next: 'Check the address: somebody may stand in between.',
    })
  const audience = new URL(url).origin
  const expiresAt = Date.parse(challenge.expiresAt)
  const digest = loginDigest({ network, node, audience, key, nonce, expiresAt, scopes, spendLimitSats })
  const { createSession: created } = await client.request<Created>(CREATE, {
    input: {
      key,
      nonce,
      expiresAt: challenge.expiresAt,
      audience,
      scopes: scopes.map((scope) => scope.toUpperCase()),
      spendLimitSats,
      signature: sign(signer, digest),
    },
  })
  if (created.token === undefined)
    throw new Fault(created.code, created.message, { culprit: 'you', next: created.next })
  return { token: created.token, network, node, expiresAt: Date.parse(created.session.expiresAt) }
}

/** What goes into `extensions.order` of a request that moves money: a signature over this document and these variables. */
export const signOrder = (
  { signer, network, node }: { readonly signer: Signer; readonly network: string; readonly node: string },
  query: string,
  variables: Variables,
): { readonly nonce: string; readonly expiresAt: number; readonly signature: string } => {
  const nonce = toHex(signer.random.bytes(16))
  const expiresAt = signer.clock.now() + ORDER_MS
  const key = toHex(signer.identity.publicKey)
  const digest = orderDigest({ network, node, key, query, operationName: '', variables, nonce, expiresAt })
  return { nonce, expiresAt, signature: sign(signer, digest) }
}

/** GraphQL to a node of somebody else, in sessions of a chain key: signs in when it has to, and signs what moves money. */
export const sessionClient = (wish: SessionWish): GraphqlClient => {
  const { signer } = wish
  let session: Promise<SignedIn> | undefined
  const current = async (): Promise<SignedIn> => {
    const known = await session?.catch(() => undefined)
    if (known !== undefined && known.expiresAt - signer.clock.now() > RENEW_BEFORE_MS) return known
    session = signIn(wish)
    return session
  }
  return graphqlClient({
    url: wish.url,
    token: async () => (await current()).token,
    order: async (query, variables) => signOrder({ signer, ...(await current()) }, query, variables),
  })
}

const sign = ({ curve, identity, random }: Signer, digest: Uint8Array): string =>
  toHex(curve.signSchnorr(digest, identity.secret, random.bytes(32)))
