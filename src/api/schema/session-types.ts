import { SCOPES, type Scope } from '../../../domain/session/api-session.ts'
import { problemOf } from '../problem.ts'
import type { Session } from '../session/principal.ts'
import type { OpenedSession, SessionChallenge } from '../session/sessions.ts'
import { builder } from './builder.ts'
import { resultType } from './problem-type.ts'

const SessionScope = builder.enumType('SessionScope', {
  description: 'READ: what concerns its key. POST: announcements and ends of leases. SPEND: payments.',
  values: Object.fromEntries(SCOPES.map((name) => [name.toUpperCase(), { value: name }])) as Record<
    Uppercase<Scope>,
    { value: Scope }
  >,
})

const ChallengeType = builder.objectRef<SessionChallenge>('SessionChallenge').implement({
  description:
    'What to sign to open a session, within a minute; see docs/guides/graphql.md and domain/session/api-session.ts for the bytes.',
  fields: (t) => ({
    network: t.exposeString('network', { description: 'Chain network by name.' }),
    node: t.exposeString('node', { description: 'Identity key of this node, hex; empty when it has none.' }),
    key: t.expose('key', { type: 'PublicKey' }),
    nonce: t.expose('nonce', { type: 'Hex', description: 'Good once.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    scopes: t.field({
      type: [SessionScope],
      description: 'What this key may ask for.',
      resolve: (it) => [...it.grant.scopes],
    }),
    spendPerDaySats: t.field({ type: 'Amount', resolve: (it) => it.grant.spendPerDaySats }),
  }),
})

const SessionType = builder.objectRef<Session>('Session').implement({
  description: 'Who proved a chain key, and what it may do until when.',
  fields: (t) => ({
    key: t.expose('key', { type: 'PublicKey' }),
    scopes: t.field({ type: [SessionScope], resolve: ({ scopes }) => [...scopes] }),
    spendLimitSats: t.expose('spendLimitSats', { type: 'Amount', description: 'Of this session.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Sign again before that.' }),
    position: t.field({
      type: 'Position',
      description: 'Up to which the rows are now.',
      resolve: (_, __, { projector }) => projector.position(),
    }),
  }),
})

const CreatedType = builder.objectRef<OpenedSession>('SessionCreated').implement({
  fields: (t) => ({
    token: t.exposeString('token', { description: 'Bearer token of this session: keep it as a password.' }),
    session: t.expose('session', { type: SessionType }),
  }),
})
const CreateResult = resultType('CreateSessionResult', CreatedType)

type Revoked = { readonly key: string }
const RevokedType = builder.objectRef<Revoked>('SessionsRevoked').implement({
  fields: (t) => ({ key: t.expose('key', { type: 'PublicKey' }) }),
})
const RevokeResult = resultType('RevokeSessionsResult', RevokedType)

const ChallengeInput = builder.inputType('CreateSessionChallengeInput', {
  fields: (t) => ({ key: t.field({ type: 'PublicKey', required: true, description: 'The chain key to be proved.' }) }),
})
const CreateInput = builder.inputType('CreateSessionInput', {
  fields: (t) => ({
    key: t.field({ type: 'PublicKey', required: true }),
    nonce: t.field({ type: 'Hex', required: true, description: 'Of the challenge.' }),
    expiresAt: t.field({ type: 'DateTime', required: true, description: 'Of the challenge.' }),
    audience: t.string({ required: true, description: 'Origin of the address that was called: http://host:port.' }),
    scopes: t.field({ type: [SessionScope], required: true }),
    spendLimitSats: t.field({ type: 'Amount', required: true, description: 'The most that this session may spend.' }),
    signature: t.field({ type: 'Hex', required: true, description: 'BIP 340, 64 bytes.' }),
  }),
})
const RevokeInput = builder.inputType('RevokeSessionsInput', {
  fields: (t) => ({ key: t.field({ type: 'PublicKey', required: true }) }),
})

builder.queryFields((t) => ({
  session: t.field({
    type: SessionType,
    nullable: true,
    description: 'As whom this is asked; null for the node’s owner.',
    resolve: (_, __, { principal }) => (principal.kind === 'session' ? principal : null),
  }),
}))

builder.mutationFields((t) => ({
  createSessionChallenge: t.field({
    type: ChallengeType,
    description: 'The first step of signing in by a chain key. Needs no token.',
    args: { input: t.arg({ type: ChallengeInput, required: true }) },
    resolve: (_, { input }, { sessions }) => sessions.challenge(input.key),
  }),
  createSession: t.field({
    type: CreateResult,
    description: 'Opens a session of at most 15 minutes for the holder of a chain key. Needs no token.',
    args: { input: t.arg({ type: CreateInput, required: true }) },
    resolve: (_, { input }, { sessions }) => sessions.open(input),
  }),
  revokeSessions: t.field({
    type: RevokeResult,
    description: 'Ends every session of a key, subscriptions and sockets too. A session may do so to its own key.',
    args: { input: t.arg({ type: RevokeInput, required: true }) },
    resolve: (_, { input: { key } }, { principal, sessions }) => {
      if (principal.kind === 'session' && principal.key !== key)
        return problemOf('api.forbidden', 'this is not the session’s own key', 'Name the own key.')
      sessions.revoke(key)
      return { key }
    },
  }),
}))
