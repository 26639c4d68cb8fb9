import { isEndCode, isFailureCode, reasonOf } from '../../../domain/lease/ends.ts'
import { plainJson, plainText } from '../../../domain/plain-text.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, print } from '../output.ts'
import { isOver, type LeaseView, leaseIdOf, readLease } from './lease-view.ts'

type Item =
  | {
      readonly __typename: 'LeaseEvent'
      readonly position: string
      readonly version: number
      readonly type: string
      readonly at: string
      readonly fact: Readonly<Record<string, unknown>>
      readonly lease: Pick<LeaseView, 'stage' | 'released'> | null
    }
  | { readonly __typename: 'CaughtUp' | 'Lagged' | 'SnapshotRequired'; readonly position: string }

const DOCUMENT = `subscription($leaseId: Hex!, $after: Position) {
  leaseEvents(leaseId: $leaseId, after: $after) {
    __typename
    ... on CaughtUp { position }
    ... on Lagged { position }
    ... on SnapshotRequired { position }
    ... on LeaseEvent { position version type at fact lease { stage released } }
  }
}`

/** Fields that say the most on one line. */
const TOLD = [
  'side',
  'remote',
  'tick',
  'owedMsat',
  'paidSats',
  'capacitySats',
  'by',
  'endsAt',
  'number',
  'code',
  'culprit',
  'why',
  'stage',
  'txid',
]

/** Prints the facts of a lease, those that were and then live, until it is over. */
export const watchLease = async (
  given: string,
  flags: NodeFlags & { output: Output; after?: string },
): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  await readLease(client, leaseId)
  const variables = { leaseId, ...(flags.after === undefined ? {} : { after: flags.after }) }
  const positionOf = (data: { leaseEvents: Item }) => data.leaseEvents.position
  for await (const { leaseEvents: item } of client.subscribe<{ leaseEvents: Item }>(DOCUMENT, variables, {
    positionOf,
  })) {
    if (item.__typename === 'LeaseEvent') print(flags.output === 'table' ? lineOf(item) : plainJson(item))
    // After the last fact of a lease nothing comes any more.
    else if (item.__typename === 'CaughtUp' && isOver(await readLease(client, leaseId))) return
    if (item.__typename === 'LeaseEvent' && item.lease !== null && isOver(item.lease)) {
      const { position } = await readLease(client, leaseId)
      if (BigInt(item.position) >= BigInt(position)) return
    }
  }
}

const lineOf = ({ position, at, type, fact }: Extract<Item, { __typename: 'LeaseEvent' }>): string =>
  [
    position.padStart(6),
    at,
    type.padEnd(17),
    ...TOLD.filter((name) => fact[name] !== undefined).map((name) => `${name}=${scalar(fact[name])}`),
    ...nextOf(fact),
  ]
    .map(plainText)
    .join('  ')

/** What to do about an end. */
const nextOf = ({ culprit, code }: Readonly<Record<string, unknown>>): string[] =>
  culprit !== undefined && typeof code === 'string' && (isEndCode(code) || isFailureCode(code))
    ? [`next=${reasonOf(code).next}`]
    : []

const scalar = (value: unknown): string => (typeof value === 'object' ? plainJson(value) : String(value))
