import { GraphQLError, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql'
import type { Scope } from '../../../domain/session/api-session.ts'
import type { ApiContext } from '../schema/context.ts'
import { forbidden } from './scoped-market.ts'
import type { SignedOrder } from './sessions.ts'

/** Who may ask a root field besides the owner. `signed`: it moves money, and carries a signature of its own. */
type FieldRule = 'anyone' | { readonly scope: Scope; readonly signed?: true }

const READ: FieldRule = { scope: 'read' }

/** Root fields that others than the owner may ask. What is not here is the owner's alone, also what is added later. */
export const FIELD_RULES: Readonly<Record<string, FieldRule>> = {
  'Query.status': READ,
  'Query.node': READ,
  'Query.announcement': READ,
  'Query.announcements': READ,
  'Query.offers': READ,
  'Query.lease': READ,
  'Query.leases': READ,
  'Query.channels': READ,
  'Query.block': READ,
  'Query.blocks': READ,
  'Query.reorganisations': READ,
  'Query.transaction': READ,
  'Query.transactions': READ,
  'Query.mempool': READ,
  'Query.fees': READ,
  'Query.feeHistory': READ,
  'Query.address': READ,
  'Query.addresses': READ,
  'Query.marketStatistics': READ,
  'Query.priceHistory': READ,
  'Query.fillHistory': READ,
  'Query.depth': READ,
  'Query.session': READ,
  'Mutation.createSessionChallenge': 'anyone',
  'Mutation.createSession': 'anyone',
  'Mutation.revokeSessions': READ,
  'Mutation.postAnnouncement': { scope: 'post', signed: true },
  'Mutation.rent': { scope: 'post', signed: true },
  'Mutation.withdrawAnnouncement': { scope: 'post' },
  'Mutation.stopLease': { scope: 'post' },
  'Mutation.withdrawNotice': { scope: 'post' },
  'Mutation.pauseLease': { scope: 'post' },
  'Mutation.resumeLease': { scope: 'post' },
  'Mutation.topUpLease': { scope: 'spend', signed: true },
  'Mutation.send': { scope: 'spend', signed: true },
  'Subscription.leaseEvents': READ,
  'Subscription.marketFeed': READ,
  'Subscription.chainFeed': READ,
}

/** The document as it came, with what its sender signed: only there for others than the owner. */
export type Order = {
  readonly query: string
  readonly operationName: string
  readonly variables: unknown
  /** `extensions.order` of the request. */
  readonly signed: unknown
}

/** The same schema, with every root field guarded: in the schema, so that no way to execute it goes around. */
export const guarded = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (type) guardFields(type)
  }
  return schema
}

const guardFields = (type: GraphQLObjectType): void => {
  for (const field of Object.values(type.getFields())) {
    const name = `${type.name}.${field.name}`
    const rule = FIELD_RULES[name]
    const entry = type.name === 'Subscription' ? 'subscribe' : 'resolve'
    const run = field[entry] as GraphQLFieldResolver<unknown, ApiContext> | undefined
    if (run === undefined) throw new Error(`${name} has no ${entry}`)
    const guard: GraphQLFieldResolver<unknown, ApiContext> = (source, args, context, info) => {
      if (context.principal.kind === 'owner') return run(source, args, context, info)
      allow(name, rule, context)
      return run(source, args, context, info)
    }
    field[entry] = guard as never
  }
}

/** @throws GraphQLError `api.unauthorized`, `api.forbidden`, `api.session-over`, `api.signature-missing`, and as `checkOrder` */
const allow = (name: string, rule: FieldRule | undefined, context: ApiContext): void => {
  const { principal, sessions } = context
  if (rule === 'anyone' || principal.kind === 'owner') return
  if (principal.kind === 'anonymous')
    throw new GraphQLError('expected a token', {
      extensions: { code: 'api.unauthorized', next: 'Sign in: createSession.' },
    })
  if (!sessions.isLive(principal)) throw sessionOver()
  if (rule === undefined || !principal.scopes.has(rule.scope)) throw forbidden(name)
  if (rule.signed === true) checkOrder(context)
}

/** A document is checked once, however many payments it has: its signature is over all of them. */
const checked = new WeakMap<Order, GraphQLError | undefined>()

const checkOrder = ({ principal, sessions, order }: ApiContext): void => {
  if (principal.kind !== 'session') return
  if (order === undefined) throw noSignature()
  if (!checked.has(order)) checked.set(order, orderError(order))
  const error = checked.get(order)
  if (error !== undefined) throw error

  function orderError({ signed, ...fields }: Order): GraphQLError | undefined {
    if (!isSigned(signed)) return noSignature()
    const problem = sessions.checkOrder(principal as never, fields, signed)
    return problem && new GraphQLError(problem.message, { extensions: { code: problem.code, next: problem.next } })
  }
}

const isSigned = (value: unknown): value is SignedOrder => {
  const { nonce, expiresAt, signature } = (value ?? {}) as Record<string, unknown>
  return (
    typeof nonce === 'string' &&
    /^[0-9a-f]{32}$/.test(nonce) &&
    typeof expiresAt === 'number' &&
    Number.isSafeInteger(expiresAt) &&
    typeof signature === 'string'
  )
}

const noSignature = (): GraphQLError =>
  new GraphQLError('money that a session moves is signed for each time: expected extensions.order', {
    extensions: {
      code: 'api.signature-missing',
      next: 'Send nonce (32 hex digits), expiresAt and signature; see docs/guides/graphql.md.',
    },
  })

export const sessionOver = (): GraphQLError =>
  new GraphQLError('the session is over', {
    extensions: { code: 'api.session-over', next: 'Sign in again, and go on behind the newest position.' },
  })
