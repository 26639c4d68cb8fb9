import { getIntrospectionQuery } from 'graphql'
import { leaseIdNumber, PROVIDER } from '../../projections/lease-history.ts'

export type Asked = {
  readonly query: string
  readonly variables?: Record<string, unknown>
  readonly operationName?: string
}

const id = leaseIdNumber(7)

/** Everything of a lease that costs no time of day. */
export const LEASE_FIELDS = `id leaseId side stage active starved announcementTxid announcement { id } publisherKey providerKey remote
  verdict { ok } image resources { __typename cpuMillis } isolation network price { wallHour } hourlyMsat tickMs maxDurationS soughtAt agreedAt
  servingSince tick usage { wallUs cpuUs } bill { __typename } owedMsat paidSats capacitySats channel { id } shell { host port user }
  shellHostKey end { code culprit at } released receipt fundingTxid settlementTxid settlementHeight position`

/** Queries of every kind, each answered by both executors. */
export const CORPUS: Readonly<Record<string, Asked>> = {
  'a list with everything': {
    query: `{ leases(first: 50) { edges { cursor node { ${LEASE_FIELDS} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
  },
  'one lease': { query: `query ($id: Hex!) { lease(leaseId: $id) { ${LEASE_FIELDS} } }`, variables: { id } },
  'no such lease': {
    query: 'query ($id: Hex!) { lease(leaseId: $id) { id stage } }',
    variables: { id: 'f'.repeat(32) },
  },
  'every connection': {
    query: `{ announcements { edges { node { id } } } offers { edges { node { __typename id } } } leases { edges { node { id } } }
      channels { edges { node { id } } } blocks { edges { node { id height } } } transactions { edges { node { id } } }
      balances { edges { node { account confirmedSats } } } }`,
  },
  'a connection in a connection': {
    query: `{ leases(first: 3) { edges { node { leaseId log(first: 4) { edges { cursor node { position version type at fact } } pageInfo { hasNextPage } } } } } }`,
  },
  'a node by its id': {
    query: 'query ($id: ID!) { node(id: $id) { __typename id ... on Lease { stage tick } ... on Block { height } } }',
    variables: { id: `Lease:${id}` },
  },
  'a node that is not there': { query: '{ node(id: "Lease:00") { __typename id } }' },
  'a node of no kind': { query: '{ node(id: "x") { __typename id } }' },
  'defaults of variables': {
    query:
      'query ($first: Int! = 2, $oldest: Boolean! = true, $stage: LeaseStage = METER) { leases(first: $first, oldestFirst: $oldest, stage: $stage) { edges { node { leaseId } } } }',
  },
  'a default that null takes away': {
    query: 'query ($stage: LeaseStage = SETTLED) { leases(first: 3, stage: $stage) { edges { node { stage } } } }',
    variables: { stage: null },
  },
  'a default that a value replaces': {
    query: 'query ($stage: LeaseStage = SETTLED) { leases(first: 3, stage: $stage) { edges { node { stage } } } }',
    variables: { stage: 'METER' },
  },
  'an enum as a literal': { query: '{ leases(first: 2, side: PUBLISHER) { edges { node { side } } } }' },
  'an enum that is none': {
    query: 'query ($side: Side) { leases(side: $side) { edges { node { side } } } }',
    variables: { side: 'publisher' },
  },
  'a variable too few': { query: 'query ($id: Hex!) { lease(leaseId: $id) { id } }' },
  'a variable too many': { query: 'query ($id: Hex!) { lease(leaseId: $id) { id } }', variables: { id, more: 1 } },
  'a variable that is null': { query: 'query ($id: Hex!) { lease(leaseId: $id) { id } }', variables: { id: null } },
  'a number for a string': {
    query: 'query ($after: String) { leases(after: $after) { edges { cursor } } }',
    variables: { after: 5 },
  },
  'a string for a number': {
    query: 'query ($first: Int!) { leases(first: $first) { edges { cursor } } }',
    variables: { first: '5' },
  },
  'half a number': {
    query: 'query ($first: Int!) { leases(first: $first) { edges { cursor } } }',
    variables: { first: 1.5 },
  },
  'too large a number': {
    query: 'query ($first: Int!) { leases(first: $first) { edges { cursor } } }',
    variables: { first: 2 ** 31 },
  },
  'a scalar in, by variable': {
    query: 'query ($at: Position) { leases(first: 1, atLeast: $at) { edges { node { position } } } }',
    variables: { at: '3' },
  },
  'a scalar in, as a number': {
    query: 'query ($at: Position) { leases(first: 1, atLeast: $at) { edges { node { position } } } }',
    variables: { at: 3 },
  },
  'a scalar in, as a literal': { query: '{ leases(first: 1, atLeast: "3") { edges { node { position } } } }' },
  'a scalar in, as a whole literal': { query: '{ leases(first: 1, atLeast: 3) { edges { node { position } } } }' },
  'a scalar with a default': {
    query: 'query ($at: Position = "3") { leases(first: 1, atLeast: $at) { edges { node { position } } } }',
  },
  'a scalar of another form': { query: 'query ($id: Hex!) { lease(leaseId: $id) { id } }', variables: { id: 'XY' } },
  'a key in': {
    query: 'query ($key: PublicKey) { offers(provider: $key) { edges { node { id } } } }',
    variables: { key: PROVIDER },
  },
  fragments: {
    query: `{ leases(first: 2) { edges { node { ...a ...b } } } } fragment a on Lease { id usage { ...u } } fragment b on Lease { stage usage { cpuUs ...u } ... on Lease { tick } ... { active } } fragment u on Usage { wallUs }`,
  },
  'fields that merge': {
    query: `{ leases(first: 2) { edges { node { id } } edges { cursor node { tick id stage } } } leases(first: 2) { pageInfo { endCursor } } }`,
  },
  aliases: {
    query: `{ a: lease(leaseId: "${id}") { x: stage y: stage __typename t: __typename } b: leases(first: 1) { edges { node { id } } } }`,
  },
  'skip and include, by literal': {
    query: `{ leases(first: 1) { edges { node { id @skip(if: true) stage @include(if: false) tick @include(if: true) ... @skip(if: false) { active } } } } }`,
  },
  'skip and include, by variable': {
    query: `query ($no: Boolean!, $yes: Boolean!) { leases(first: 2) { edges { node { id @skip(if: $no) stage @include(if: $no) ...f @include(if: $yes) ... on Lease @skip(if: $yes) { tick } } } } balance @include(if: $no) { confirmedSats } } fragment f on Lease { position usage @skip(if: $no) { cpuUs } }`,
    variables: { no: false, yes: true },
  },
  'skip and include, the other way': {
    query: `query ($no: Boolean!, $yes: Boolean!) { leases(first: 2) { edges { node { id @skip(if: $no) stage @include(if: $no) ...f @include(if: $yes) ... on Lease @skip(if: $yes) { tick } } } } balance @include(if: $no) { confirmedSats } } fragment f on Lease { position usage @skip(if: $no) { cpuUs } }`,
    variables: { no: true, yes: false },
  },
  'the same field skipped once and once not': {
    query:
      'query ($no: Boolean!) { leases(first: 1) { edges { node { id @skip(if: $no) tick } node { id stage @include(if: $no) } } } }',
    variables: { no: true },
  },
  'large amounts': { query: '{ balance { confirmedSats unconfirmedSats immatureSats bondedSats } }' },
  'an error of ours': { query: '{ leases(first: 101) { edges { cursor } } }' },
  'an error in one field of a list': {
    query: '{ leases(first: 2) { edges { node { id log(first: 0) { edges { cursor } } } } } balance { bondedSats } }',
  },
  'a cursor of elsewhere': { query: '{ leases(after: "bm8") { edges { cursor } } }' },
  'two operations, one named': {
    query: 'query A { balance { bondedSats } } query B { leases(first: 1) { edges { cursor } } }',
    operationName: 'B',
  },
  'two operations, none named': {
    query: 'query A { balance { bondedSats } } query B { leases(first: 1) { edges { cursor } } }',
  },
  'an operation that is not there': { query: 'query A { balance { bondedSats } }', operationName: 'C' },
  'a query beside a mutation': {
    query: 'query A { balance { bondedSats } } mutation B { __typename }',
    operationName: 'A',
  },
  introspection: {
    query: getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, inputValueDeprecation: true }),
  },
  'names of types': {
    query:
      '{ __typename __schema { queryType { name fields { name } } } __type(name: "Lease") { kind fields { name type { kind ofType { name } } } } }',
  },
  'no document': { query: '{ leases(first: ' },
  'an unknown field': { query: '{ leases(first: 1) { nothing } }' },
}
