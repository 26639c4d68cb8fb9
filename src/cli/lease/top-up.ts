import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../domain/fault.ts'
import type { GraphqlClient } from '../../api/client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { say } from '../output.ts'
import { plainText } from '../plain-text.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { openProgress, type Progress } from '../progress.ts'
import { showNumber } from '../quantity.ts'
import { leaseIdOf } from './lease-view.ts'
import { LOOK_MS } from './settle.ts'

type Asked = { readonly __typename: 'LeaseTopUpAsked'; readonly position: string }
type TopUpFact = { readonly type: string; readonly fact: { readonly code?: string; readonly why?: string } }

/** How long the provider, the wallet and the chain's node may take until a top-up is funded, ms. */
const TOP_UP_WAIT_MS = 120_000

/** Adds coin to a lease that runs. Waits until the channel for it is funded; it counts once that is in a block. */
export const topUpLease = async (
  given: string,
  sats: bigint,
  flags: NodeFlags & { wait: boolean; key?: string },
): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const before = await capacityOf(client, leaseId)
  const { topUpLease: asked } = await client.request<{ topUpLease: Asked | ProblemView }>(
    `mutation($input: TopUpLeaseInput!) { topUpLease(input: $input) {
      __typename ... on LeaseTopUpAsked { position } ${PROBLEM_FIELDS} } }`,
    { input: { leaseId, sats, idempotencyKey: flags.key ?? randomUUID() } },
  )
  const { position } = doneOrFault(asked)
  if (!flags.wait) return say(`${leaseId} is to be topped up; zennet lease watch ${leaseId} shows how that goes`)
  const { type, fact } = await answered(client, leaseId, position, openProgress())
  if (type === 'lease.top-up-refused')
    throw new Fault(fact.code ?? 'refused', plainText(`the lease was not topped up: ${fact.code}: ${fact.why}`), {
      culprit: 'you',
      next: 'Nothing was locked; the lease goes on with what it has.',
    })
  const after = await capacityOf(client, leaseId)
  say(`lease ${leaseId.slice(0, 12)} has ${showNumber(after)} sats, ${showNumber(BigInt(after) - BigInt(before))} more`)
}

const capacityOf = async (client: GraphqlClient, leaseId: string): Promise<string> => {
  const { lease } = await client.request<{ lease: { readonly capacitySats: string | null } | null }>(
    'query($leaseId: Hex!) { lease(leaseId: $leaseId) { capacitySats } }',
    { leaseId },
  )
  return lease?.capacitySats ?? '0'
}

/** The lease's log says what came of it: there is one top-up at a time. @throws Fault `cli.timed-out` */
const answered = async (
  client: GraphqlClient,
  leaseId: string,
  atLeast: string,
  progress: Progress,
): Promise<TopUpFact> => {
  const until = performance.now() + TOP_UP_WAIT_MS
  for (;;) {
    const { lease } = await client.request<{ lease: { log: { edges: readonly { node: TopUpFact }[] } } | null }>(
      `query($leaseId: Hex!, $atLeast: Position, $types: [String!]) { lease(leaseId: $leaseId, atLeast: $atLeast) {
        log(first: 1, filter: { type: $types }, orderBy: { by: VERSION, direction: DESCENDING }) {
          edges { node { type fact } } } } }`,
      { leaseId, atLeast, types: TYPES },
    )
    const newest = lease?.log.edges[0]?.node
    if (newest !== undefined && newest.type !== 'lease.top-up-wanted') {
      progress.clear()
      return newest
    }
    if (performance.now() > until)
      throw new Fault('cli.timed-out', `the lease ${leaseId} is not topped up yet`, {
        culprit: 'peer-unreachable',
        next: 'It goes on by itself while the lease runs; see zennet lease watch.',
      })
    progress.show('top-up: waiting for the provider, and for the wallet')
    await delay(LOOK_MS)
  }
}

const TYPES = ['lease.top-up-wanted', 'lease.topped-up', 'lease.top-up-refused']
