import { randomUUID } from 'node:crypto'
import type { GraphqlClient } from '../../api/client.ts'
import { usageFault } from '../exit-code.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { openProgress } from '../progress.ts'
import { type LeaseView, leaseIdOf, readLease } from './lease-view.ts'
import { settledLine, untilOver } from './settle.ts'

type Stopped = { readonly __typename: 'LeaseStopped'; readonly leaseId: string }

/** Asks for the end of a lease. */
export const requestStop = async (
  client: GraphqlClient,
  leaseId: string,
  inMs?: number,
): Promise<Stopped | ProblemView> => {
  const { stopLease } = await client.request<{ stopLease: Stopped | ProblemView }>(
    `mutation($input: StopLeaseInput!) { stopLease(input: $input) { __typename ... on LeaseStopped { leaseId } ${PROBLEM_FIELDS} } }`,
    { input: { leaseId, inMs: inMs ?? null, idempotencyKey: randomUUID() } },
  )
  return stopLease
}

const withdraw = async (client: GraphqlClient, leaseId: string): Promise<void> => {
  const { withdrawNotice } = await client.request<{ withdrawNotice: Stopped | ProblemView }>(
    `mutation($input: WithdrawNoticeInput!) { withdrawNotice(input: $input) { __typename ... on LeaseStopped { leaseId } ${PROBLEM_FIELDS} } }`,
    { input: { leaseId, idempotencyKey: randomUUID() } },
  )
  doneOrFault(withdrawNotice)
}

type StopFlags = NodeFlags & { readonly wait: boolean; readonly in?: number; readonly withdraw?: true }

export const stopLease = async (given: string, flags: StopFlags): Promise<void> => {
  if (flags.withdraw && flags.in !== undefined)
    throw usageFault(
      '--in announces an end and --withdraw takes it back: give one of them.',
      'zennet lease stop --help',
    )
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  if (flags.withdraw) {
    await withdraw(client, leaseId)
    return say(`${leaseId} goes on: its end is not announced any more`)
  }
  doneOrFault(await requestStop(client, leaseId, flags.in))
  const endsAt = endOf(await readLease(client, leaseId))
  if (endsAt !== undefined)
    return say(`${leaseId} ends at ${endsAt}; zennet lease stop ${leaseId} --withdraw takes that back`)
  if (!flags.wait) return say(`${leaseId} stops; zennet lease watch ${leaseId} shows how it settles`)
  say(settledLine(await untilOver(client, leaseId, openProgress())))
}

/** When it is to end, where that is for later and by this side's own word. */
const endOf = ({ notices, side }: LeaseView): string | undefined =>
  notices.find(({ by, withdrawn }) => by === side && !withdrawn)?.endsAt ?? undefined
