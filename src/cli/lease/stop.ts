import { randomUUID } from 'node:crypto'
import type { GraphqlClient } from '../../api/client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { openProgress } from '../progress.ts'
import { leaseIdOf } from './lease-view.ts'
import { settledLine, untilOver } from './settle.ts'

type Stopped = { readonly __typename: 'LeaseStopped'; readonly leaseId: string }

/** Asks for the end of a lease. */
export const requestStop = async (client: GraphqlClient, leaseId: string): Promise<Stopped | ProblemView> => {
  const { stopLease } = await client.request<{ stopLease: Stopped | ProblemView }>(
    `mutation($input: StopLeaseInput!) { stopLease(input: $input) { __typename ... on LeaseStopped { leaseId } ${PROBLEM_FIELDS} } }`,
    { input: { leaseId, idempotencyKey: randomUUID() } },
  )
  return stopLease
}

export const stopLease = async (given: string, flags: NodeFlags & { wait: boolean }): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  doneOrFault(await requestStop(client, leaseId))
  if (!flags.wait) return say(`${leaseId} stops; zennet lease watch ${leaseId} shows how it settles`)
  say(settledLine(await untilOver(client, leaseId, openProgress())))
}
