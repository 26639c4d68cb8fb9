import { createHmac, timingSafeEqual } from 'node:crypto'
import { fromHex, toHex } from '../../../domain/bytes.ts'
import type { Curve } from '../../../domain/chain/curve.ts'
import { type LoginFields, loginDigest, type OrderFields, orderDigest } from '../../../domain/session/api-session.ts'
import type { Grant } from '../../../domain/session/grant.ts'
import type { Clock } from '../../clock/port.ts'
import type { Random } from '../../random/port.ts'
import type { Problem } from '../port.ts'
import { problemOf } from '../problem.ts'
import { isAuthorized } from '../token.ts'
import { OWNER, type Principal, type Session } from './principal.ts'
import { sessionTokens } from './session-token.ts'
import type { SessionStore } from './store.ts'

/** How long a session lasts, ms; signing again makes another. */
export const SESSION_MS = 900_000
/** How long a challenge may be answered, and how far ahead the expiry of a signed operation may be, ms. */
export const CHALLENGE_MS = 60_000
/** A caller's clock may be ahead of ours by so much, ms. */
export const CLOCK_SKEW_MS = 5_000

export type SessionParts = {
  /** The owner's bearer token; sessions are sealed with what is derived of it, so a new one ends them all. */
  readonly token: string
  readonly network: string
  /** Identity key of this node, hex; empty when it has none. */
  readonly node: string
  /** Origins by which this API is reached. */
  readonly origins: () => ReadonlySet<string>
  readonly grants: ReadonlyMap<string, Grant>
  readonly store: SessionStore
  readonly clock: Clock
  readonly curve: Curve
  readonly random: Random
}

export type SessionChallenge = Pick<LoginFields, 'network' | 'node' | 'key' | 'nonce' | 'expiresAt'> & {
  /** What may be asked for. */
  readonly grant: Grant
}
export type SessionRequest = Omit<LoginFields, 'network' | 'node'> & { readonly signature: string }
export type OpenedSession = { readonly token: string; readonly session: Session }
/** How a money operation of a session is signed. */
export type SignedOrder = { readonly nonce: string; readonly expiresAt: number; readonly signature: string }

/** Of a key that the owner did not name: it may read what concerns it. */
const READ_ONLY: Grant = { scopes: ['read'], spendPerDaySats: 0n }

/** Who is asking: the owner by its token, others by a proof of their chain key. */
export type Sessions = {
  /** Who a request's `Authorization` value names; undefined when it is not good (any more). Synchronous and cheap: for every request. */
  authenticate(authorization: unknown): Principal | undefined
  /** Whether a principal may still be told something: asked before each event. */
  isLive(principal: Principal): boolean
  /** Resolves when a session has expired or was sent away; never for the owner. Rejects when `signal` is aborted first. */
  untilOver(principal: Principal, signal: AbortSignal): Promise<void>
  challenge(key: string): SessionChallenge
  open(request: SessionRequest): OpenedSession | Problem
  /** Every session of this key is over. */
  revoke(key: string): void
  grantOf(key: string): Grant
  /** Whether the holder of the session signed this very operation, now and for the first time; else why not. */
  checkOrder(
    session: Session,
    order: Omit<OrderFields, 'network' | 'node' | 'key' | keyof SignedOrder>,
    signed: SignedOrder,
  ): Problem | undefined
  readonly store: SessionStore
}

export const openSessions = (parts: SessionParts): Sessions => {
  const { token, network, node, origins, grants, store, clock, curve, random } = parts
  const secret = createHmac('sha256', 'zennet/session-secret').update(token).digest()
  const tokens = sessionTokens(secret)
  const grantOf = (key: string): Grant => grants.get(key) ?? READ_ONLY
  const isLive = (principal: Principal): boolean => {
    if (principal.kind !== 'session') return principal.kind === 'owner'
    return clock.now() < principal.expiresAt && principal.issuedAt > store.revokedAt(principal.key)
  }
  /** Who waits for a key to be sent away. */
  const revocations = new Map<string, Set<() => void>>()
  /** Ours, of this key and for this moment; so no challenge that was given out has to be remembered. */
  const seal = (half: string, key: string, expiresAt: number): string =>
    createHmac('sha256', secret).update(`zennet/challenge\0${half}${key}${expiresAt}`).digest('hex').slice(0, 32)
  const signedBy = (key: string, digest: Uint8Array, signature: string): boolean =>
    /^[0-9a-f]{128}$/.test(signature) && curve.verifySchnorr(fromHex(signature), digest, fromHex(key).subarray(1))
  const notNow = (expiresAt: number): Problem | undefined => {
    const now = clock.now()
    if (expiresAt <= now)
      return problemOf(
        'api.expired',
        'the signature’s time is over',
        'Sign again; check this clock if that does not help.',
      )
    if (expiresAt > now + CHALLENGE_MS + CLOCK_SKEW_MS)
      return problemOf(
        'api.expired',
        `expected an expiry within ${CHALLENGE_MS} ms`,
        'Sign for a shorter time; check this clock.',
      )
    return undefined
  }
  const once = (nonce: string, expiresAt: number): Problem | undefined =>
    store.use(nonce, expiresAt + CLOCK_SKEW_MS, clock.now())
      ? undefined
      : problemOf(
          'api.replayed',
          'this was signed for, and used, before',
          'Sign again with a new nonce; keep the idempotencyKey if it is the same wish.',
        )

  return {
    authenticate: (authorization) => {
      if (isAuthorized(authorization, token)) return OWNER
      if (typeof authorization !== 'string' || !/^bearer /i.test(authorization)) return undefined
      const session = tokens.read(authorization.slice(7).trim())
      if (session === undefined || !isLive(session)) return undefined
      // What was granted then may have been taken back since, with a new start of the node.
      const granted = new Set(grantOf(session.key).scopes)
      return { ...session, scopes: new Set([...session.scopes].filter((scope) => granted.has(scope))) }
    },
    isLive,
    untilOver: async (principal, signal) => {
      if (principal.kind !== 'session') return new Promise(() => {})
      const { key } = principal
      const revoked = Promise.withResolvers<void>()
      const waiting = revocations.get(key) ?? new Set()
      revocations.set(key, waiting.add(revoked.resolve))
      try {
        while (isLive(principal)) {
          const left = Math.max(1, principal.expiresAt - clock.now())
          await Promise.race([clock.sleep(left, signal), revoked.promise])
        }
      } finally {
        waiting.delete(revoked.resolve)
        if (waiting.size === 0) revocations.delete(key)
      }
    },
    challenge: (key) => {
      const expiresAt = clock.now() + CHALLENGE_MS
      const half = toHex(random.bytes(16))
      return { network, node, key, nonce: half + seal(half, key, expiresAt), expiresAt, grant: grantOf(key) }
    },
    open: ({ signature, ...fields }) => {
      const { key, nonce, expiresAt, audience, scopes, spendLimitSats } = fields
      const half = nonce.slice(0, 32)
      if (!same(nonce, half + seal(half, key, expiresAt)))
        return problemOf(
          'api.bad-challenge',
          'this node gave no such challenge for this key',
          'Ask for a challenge, and sign that one.',
        )
      if (!origins().has(audience))
        return problemOf(
          'api.wrong-audience',
          `this node is not reached as ${audience}`,
          'Call it by an address of its own: somebody may stand in between.',
        )
      if (!signedBy(key, loginDigest({ network, node, ...fields }), signature))
        return problemOf(
          'api.bad-signature',
          'the signature is not of this key over this challenge',
          'Sign with the key that is named.',
        )
      const grant = grantOf(key)
      const missing = scopes.filter((scope) => !grant.scopes.includes(scope))
      if (missing.length > 0)
        return problemOf(
          'api.scope',
          `this key may not: ${missing.join(', ')}`,
          'Ask for less, or ask the node’s owner to grant it (sessionKeys).',
        )
      const refused = notNow(expiresAt) ?? once(nonce, expiresAt)
      if (refused !== undefined) return refused
      const issuedAt = Math.max(clock.now(), store.revokedAt(key) + 1)
      const session: Session = {
        kind: 'session',
        id: toHex(random.bytes(8)),
        key,
        scopes: new Set(scopes),
        spendLimitSats,
        issuedAt,
        expiresAt: issuedAt + SESSION_MS,
      }
      return { token: tokens.write(session), session }
    },
    revoke: (key) => {
      store.revoke(key, clock.now())
      for (const tell of revocations.get(key) ?? []) tell()
    },
    grantOf,
    checkOrder: (session, order, { nonce, expiresAt, signature }) => {
      const digest = orderDigest({ network, node, key: session.key, ...order, nonce, expiresAt })
      if (!signedBy(session.key, digest, signature))
        return problemOf(
          'api.bad-signature',
          'the signature is not of the session’s key over this operation',
          'Sign the document and variables as they are sent.',
        )
      return notNow(expiresAt) ?? once(`${session.key}/${nonce}`, expiresAt)
    },
    store,
  }
}

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
