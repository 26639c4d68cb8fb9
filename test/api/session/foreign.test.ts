import {
  execute,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  subscribe,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decode, encode } from '../../../domain/codec.ts'
import type { Fact } from '../../../domain/fact.ts'
import { SCOPES } from '../../../domain/session/api-session.ts'
import type { ApiContext } from '../../../src/api/schema/context.ts'
import { plainJson } from '../../../src/api/schema/scalar.ts'
import { schema } from '../../../src/api/schema/schema.ts'
import { contextsOf } from '../../../src/api/session/contexts.ts'
import { FIELD_RULES } from '../../../src/api/session/guard.ts'
import { OWNER, type Session } from '../../../src/api/session/principal.ts'
import { openSessions } from '../../../src/api/session/sessions.ts'
import { openSessionStore, type SessionStore } from '../../../src/api/session/store.ts'
import { systemClock } from '../../../src/clock/system.ts'
import { nativeCurve } from '../../../src/curve/native.ts'
import { systemRandom } from '../../../src/random/system.ts'
import {
  leaseIdNumber,
  metered,
  PROVIDER,
  PUBLISHER,
  termsOf,
  toMetering,
  toSettled,
} from '../../projections/lease-history.ts'
import { startNode, type TestNode, TOKEN } from '../node.ts'
import { person } from './signer.ts'

// The whole schema is walked as somebody else, so that a field that is added later is asked too.

const LEASE = leaseIdNumber(0xfee1)
/** In the facts of the lease, of its channel, and of an effect and a timer, and nowhere else. */
const MARKS = [
  LEASE,
  'MARKIMAGE',
  'MARKHOSTKEY',
  'SECRETKEYOFSOMEBODY',
  '10.77.77.77',
  'MARKWHY',
  'MARKRULE',
  '7777123',
  'MARKSUBJECT',
]

let node: TestNode
let store: SessionStore
let contexts: ReturnType<typeof contextsOf>
const closing = new AbortController()

const session = (key: string): Session => ({
  kind: 'session',
  id: 's',
  key,
  scopes: new Set(SCOPES),
  spendLimitSats: 0n,
  issuedAt: Date.now(),
  expiresAt: Date.now() + 600_000,
})

/** The history of a lease with marks in every text that can have one. */
const marked = (): Fact[] =>
  [...toMetering(LEASE), metered(LEASE, 1), ...toSettled(1_000n)].map(
    (fact) =>
      decode(
        encode(fact)
          .replaceAll('zennet/busybox:1', 'MARKIMAGE')
          .replaceAll('ssh-ed25519 HOST', 'MARKHOSTKEY')
          .replaceAll('127.0.0.1:500', '10.77.77.77:500')
          .replace('"rules":[]', '"rules":[{"rule":"MARKRULE","ok":true,"want":"","have":""}]')
          .replaceAll('asked to', 'MARKWHY'),
      ) as Fact,
  )
const proposed: Fact = {
  type: 'channel.proposed',
  at: 1,
  terms: { ...termsOf(LEASE).channel, capacitySats: 7_777_123n },
} as Fact

beforeAll(async () => {
  node = await startNode()
  store = await openSessionStore()
  const { market, projector, journal, metrics } = node
  const sessions = openSessions({
    token: TOKEN,
    network: 'n',
    node: PUBLISHER,
    origins: () => new Set(),
    grants: new Map(),
    store,
    clock: systemClock,
    curve: nativeCurve,
    random: systemRandom,
  })
  contexts = contextsOf({ market, projector, journal, metrics, clock: systemClock, sessions, closing: closing.signal })
  await node.append(`lease-${LEASE}`, ...marked())
  await node.append(`channel-${LEASE}`, proposed)
  const later = { at: 1, kind: 'give-up', subject: 'MARKSUBJECT' }
  await node.append(`effect-${LEASE}`, { ...later, type: 'effect.asked' } as Fact)
  await node.append(`timer-${LEASE}`, { ...later, type: 'timer.set', due: 2 } as Fact)
  await projector.waitFor(await journal.head(), 30_000)
})
afterAll(async () => {
  closing.abort()
  store.close()
  await node.close()
})

const MAX_DEPTH = 5

/** Everything that can be asked of a type, some levels deep. */
const selectionOf = (type: GraphQLOutputType, depth = 0): string => {
  const named = getNamedType(type)
  if (isLeafType(named)) return ''
  const parts = ['__typename']
  if (isUnionType(named) || isInterfaceType(named))
    for (const one of schema.getPossibleTypes(named)) parts.push(`... on ${one.name} ${selectionOf(one, depth)}`)
  if (isObjectType(named))
    for (const field of Object.values(named.getFields()))
      if (isLeafType(getNamedType(field.type)) || depth < MAX_DEPTH) parts.push(aliased(named.name, field, depth))
  return `{ ${parts.join(' ')} }`
}

/** Fields of one name and different types meet in unions: each is asked by a name of its own. */
const aliased = (parent: string, field: GraphQLField<unknown, unknown>, depth: number): string =>
  `${parent}_${field.name}: ${field.name}${argumentsOf(field)} ${selectionOf(field.type, depth + 1)}`

const argumentsOf = (field: GraphQLField<unknown, unknown>): string => {
  const given = field.args
    .filter((arg) => isNonNullType(arg.type) || ['lease', 'leaseId'].includes(arg.name))
    .map((arg) => `${arg.name}: ${arg.name === 'first' ? 20 : valueFor(arg.type, arg.name)}`)
  return given.length === 0 ? '' : `(${given.join(', ')})`
}

/** A value that names the foreign lease wherever a value can. */
const valueFor = (type: GraphQLInputType, name: string): string => {
  if (isNonNullType(type)) return valueFor(type.ofType, name)
  if (isListType(type)) return `[${valueFor(type.ofType, name)}]`
  if (isEnumType(type)) return type.getValues()[0]!.name
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type))
    return `{ ${fields.map((field) => `${field.name}: ${valueFor(field.type, field.name)}`).join(', ')} }`
  }
  switch (type.name) {
    case 'Int':
    case 'Float':
      return '1'
    case 'Boolean':
      return 'true'
    case 'PublicKey':
      return `"${PROVIDER}"`
    case 'Hex':
      return `"${LEASE}"`
    case 'ID':
      return `"Lease:${LEASE}"`
    case 'DateTime':
      return '"2026-01-01T00:00:00Z"'
    case 'Amount':
    case 'Position':
      return '"1"'
    default:
      return `"${name}"`
  }
}

/** Every answer that a root field gives to somebody, as text. */
const asked = async (kind: 'query' | 'mutation', field: GraphQLField<unknown, unknown>, context: ApiContext) =>
  documentsOf(field).reduce<Promise<string>>(async (before, text) => {
    const result = await execute({ schema, document: parse(`${kind} { ${text} }`), contextValue: context })
    return `${await before}\n${JSON.stringify(plainJson(result))}`
  }, Promise.resolve(''))

const nodeTypes = (): string[] =>
  schema.getPossibleTypes(schema.getType('Node') as never).map((type) => (type as { name: string }).name)

/** `node` is asked for every kind of thing. */
const documentsOf = (field: GraphQLField<unknown, unknown>): string[] => {
  const selection = selectionOf(field.type)
  if (field.name !== 'node') return [`${field.name}${argumentsOf(field)} ${selection}`]
  return nodeTypes().flatMap((type) => [LEASE, `${LEASE}.1`].map((id) => `node(id: "${type}:${id}") ${selection}`))
}

const queries = Object.values(schema.getQueryType()!.getFields())
const subscriptions = Object.values(schema.getSubscriptionType()!.getFields())
const mutations = Object.values(schema.getMutationType()!.getFields())

const followed = async (field: GraphQLField<unknown, unknown>, context: ApiContext): Promise<string> => {
  const document = parse(`subscription { ${field.name}${argumentsOf(field)} ${selectionOf(field.type)} }`)
  const result = await subscribe({ schema, document, contextValue: context })
  if (!(Symbol.asyncIterator in result)) return JSON.stringify(result)
  let text = ''
  // Everything that is there is told before `CaughtUp`; what has no such mark tells its state at once.
  for await (const item of result) {
    text += JSON.stringify(plainJson(item))
    if (text.includes('CaughtUp') || !text.includes('Event')) break
  }
  return text
}

const found = (text: string): string[] => MARKS.filter((mark) => text.includes(mark))

describe('somebody else’s lease', () => {
  it('has marks that the owner and its parties are shown: the walk can find them', async () => {
    const texts = await Promise.all(queries.map((field) => asked('query', field, contexts(OWNER))))
    expect(found(texts.join())).toEqual(MARKS)
    for (const key of [PUBLISHER, PROVIDER]) {
      const own = await Promise.all(queries.map((field) => asked('query', field, contexts(session(key)))))
      expect(found(own.join())).toEqual(expect.arrayContaining([LEASE, 'MARKIMAGE', 'MARKHOSTKEY']))
      const events = await Promise.all(subscriptions.map((field) => followed(field, contexts(session(key)))))
      expect(found(events.join())).toEqual(expect.arrayContaining([LEASE, 'MARKIMAGE']))
    }
  })

  const stranger = session(person().key)

  it.each(queries.map((field) => [field.name, field] as const))(
    'does not come out of the query %s',
    async (_, field) => {
      expect(found(await asked('query', field, contexts(stranger)))).toEqual([])
    },
  )

  it.each(subscriptions.map((field) => [field.name, field] as const))(
    'does not come out of the subscription %s',
    async (_, field) => {
      expect(found(await followed(field, contexts(stranger)))).toEqual([])
    },
  )

  it.each(mutations.map((field) => [field.name, field] as const))('cannot be acted on by %s', async (_, field) => {
    const text = await asked('mutation', field, contexts(stranger))
    // What was sent may be named again in what is answered; nothing was done, and nothing else is told.
    expect(found(text).filter((mark) => mark !== LEASE)).toEqual([])
    expect(node.market.posts).toEqual([])
  })

  it('is the same as one that is not there', async () => {
    const text = async (id: string): Promise<string> => {
      const document = parse(`{ lease(leaseId: "${id}") { id } node(id: "Lease:${id}") { id }
        leases { edges { cursor } } channels { edges { cursor } } offers(filter: { lease: ["${id}"] }) { edges { cursor } } }`)
      return JSON.stringify(await execute({ schema, document, contextValue: contexts(stranger) }))
    }
    expect(await text(LEASE)).toBe((await text(leaseIdNumber(0xabc))).replaceAll(leaseIdNumber(0xabc), LEASE))
  })
})

describe('a root field', () => {
  const roots = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!].flatMap((type) =>
    Object.values(type.getFields()).map((field) => `${type.name}.${field.name}`),
  )
  it.each(roots.filter((name) => FIELD_RULES[name] === undefined))('%s is the owner’s alone', async (name) => {
    const [type, field] = name.split('.') as [string, string]
    const found = (schema.getType(type) as { getFields(): Record<string, GraphQLField<unknown, unknown>> }).getFields()[
      field
    ]!
    const context = contexts(session(PUBLISHER))
    const text =
      type === 'Subscription'
        ? await followed(found, context)
        : await asked(type === 'Query' ? 'query' : 'mutation', found, context)
    expect(text).toContain('api.forbidden')
    expect(text).not.toMatch(/"data":\{"\w+":(?!null\})/)
  })
})
