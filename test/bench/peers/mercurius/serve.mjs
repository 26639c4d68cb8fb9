import fastify from 'fastify'
import { GraphQLScalarType } from 'graphql'
import mercurius from 'mercurius'
import { leases } from '../../../../projections/leases.ts'
import { TABLES } from '../../../../projections/tables.ts'
import { systemClock } from '../../../../src/clock/system.ts'
import { memoryJournal } from '../../../../src/journal/memory.ts'
import { openProjector } from '../../../../src/projector/projector.ts'
import { fillWithLeases } from '../../queries-rows.ts'

// Started by test/bench/queries.ts. The same rows, read in the same way, the same cursors and the same scalars as our own API, behind
// Fastify and mercurius with its compiler. No token, limits, metrics or headers.

const schema = `
  scalar Amount
  scalar Position
  scalar Hex
  scalar PublicKey
  type Lease {
    leaseId: Hex!
    stage: String!
    tick: Int!
    owedMsat: Amount!
    paidSats: Amount!
    hourlyMsat: Amount!
    publisherKey: PublicKey!
    providerKey: PublicKey
    image: String
    position: Position!
  }
  type Edge { cursor: String!, node: Lease! }
  type PageInfo { hasNextPage: Boolean!, endCursor: String }
  type Connection { edges: [Edge!]!, pageInfo: PageInfo! }
  type Query {
    leases(first: Int!): Connection!
    lease(leaseId: Hex!): Lease
  }
`

const journal = memoryJournal()
const projector = await openProjector({ path: ':memory:', journal, tables: TABLES, clock: systemClock })
await fillWithLeases(journal, projector)

const LIST = 'leases began DESCENDING'
const cursorOf = (sort, id) => Buffer.from(JSON.stringify([LIST, sort, id])).toString('base64url')
const digits = new GraphQLScalarType({ name: 'Amount', serialize: (value) => value.toString() })
const place = new GraphQLScalarType({ name: 'Position', serialize: (value) => value.toString() })

const resolvers = {
  Amount: digits,
  Position: place,
  Query: {
    leases(_, { first }) {
      const found = projector.query(leases, { where: {}, orderBy: 'began', descending: true, limit: first + 1 })
      const edges = found.slice(0, first).map(({ sort, id, row }) => ({ cursor: cursorOf(sort, id), node: row }))
      return { edges, pageInfo: { hasNextPage: found.length > first, endCursor: edges.at(-1)?.cursor ?? null } }
    },
    lease: (_, { leaseId }) => projector.byId(leases, leaseId) ?? null,
  },
  Lease: {
    leaseId: (row) => row.id,
    stage: (row) => row.stage.toUpperCase(),
    providerKey: (row) => row.providerKey || null,
    image: (row) => row.terms?.image ?? null,
  },
}

const app = fastify()
await app.register(mercurius, { schema, resolvers, jit: 1 })
await app.listen({ host: '127.0.0.1', port: 0 })

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpuUs: user + system })
})
process.send({ url: `http://127.0.0.1:${app.server.address().port}`, token: '' })
