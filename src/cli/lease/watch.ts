import { isEndCode, isFailureCode, reasonOf } from '../../../domain/lease/ends.ts'
import { plainJson, plainText } from '../../../domain/plain-text.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { type Output, print, printItem } from '../output.ts'
import { isOver, type LeaseView, leaseIdOf, readLease } from './lease-view.ts'

/** A fact of a lease as the API gives it; `fact` is plain JSON. */
export type LeaseEntry = {
  readonly position: string
  readonly version: number
  readonly type: string
  readonly at: string
  readonly fact: Readonly<Record<string, unknown>>
}

type Item =
  | (LeaseEntry & {
      readonly __typename: 'LeaseEvent'
      readonly lease: Pick<LeaseView, 'stage' | 'released'> | null
    })
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

/** Tells the facts of a lease, those that were and then live, until it is over. @throws Fault `not-found` */
export const followLease = async (
  client: NodeClient,
  leaseId: string,
  after: string | undefined,
  tell: (entry: LeaseEntry) => void | Promise<void>,
): Promise<void> => {
  const variables = { leaseId, ...(after === undefined ? {} : { after }) }
  const positionOf = (data: { leaseEvents: Item }) => data.leaseEvents.position
  if (!client.isShowing) await readLease(client, leaseId)
  for await (const { leaseEvents: item } of client.subscribe<{ leaseEvents: Item }>(DOCUMENT, variables, {
    positionOf,
  })) {
    if (item.__typename === 'LeaseEvent') await tell(item)
    // After the last fact of a lease nothing comes any more.
    else if (item.__typename === 'CaughtUp' && isOver(await readLease(client, leaseId))) return
    if (item.__typename === 'LeaseEvent' && item.lease !== null && isOver(item.lease)) {
      const { position } = await readLease(client, leaseId)
      if (BigInt(item.position) >= BigInt(position)) return
    }
  }
}

/** Prints the facts of a lease as they are. */
export const watchLease = async (
  given: string,
  flags: NodeFlags & { output: Output; after?: string },
): Promise<void> => {
  const client = connect(flags)
  const { output } = flags
  await followLease(client, await leaseIdOf(client, given), flags.after, (entry) => {
    if (output === 'table') print(lineOf(entry))
    else printItem(entry, output)
  })
}

const lineOf = ({ position, at, type, fact }: LeaseEntry): string =>
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
