import { randomUUID } from 'node:crypto'
import type { GraphqlClient } from '../../api/client.ts'
import { type ChangeFlags, type Cost, changeBy } from '../change.ts'
import { usageFault } from '../exit-code.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { openProgress } from '../progress.ts'
import { showNumber, showTime } from '../quantity.ts'
import { type LeaseView, leaseIdOf, noLease, readLease } from './lease-view.ts'
import { settledLine, untilOver } from './settle.ts'

type Stopped = { readonly __typename: 'LeaseStopped'; readonly leaseId: string }

const STOP = `mutation($input: StopLeaseInput!) {
  stopLease(input: $input) { __typename ... on LeaseStopped { leaseId } ${PROBLEM_FIELDS} } }`

const stopInput = (leaseId: string, inMs?: number) => ({
  input: { leaseId, inMs: inMs ?? null, idempotencyKey: randomUUID() },
})

/** Asks for the end of a lease. */
export const requestStop = async (client: GraphqlClient, leaseId: string): Promise<Stopped | ProblemView> =>
  (await client.request<{ stopLease: Stopped | ProblemView }>(STOP, stopInput(leaseId))).stopLease

const withdraw = async (client: NodeClient, leaseId: string, flags: ChangeFlags): Promise<void> => {
  const { withdrawNotice } = await changeBy<{ withdrawNotice: Stopped | ProblemView }>(
    client,
    {
      document: `mutation($input: WithdrawNoticeInput!) { withdrawNotice(input: $input) { __typename ... on LeaseStopped { leaseId } ${PROBLEM_FIELDS} } }`,
      variables: { input: { leaseId, idempotencyKey: randomUUID() } },
      does: `take back the end of the lease ${leaseId} that was announced`,
    },
    flags,
  )
  doneOrFault(withdrawNotice)
}

/** What was paid so far, and what is left of what is locked. */
const costsOf = async (client: NodeClient, leaseId: string): Promise<readonly Cost[]> => {
  const { lease } = await client.lookUp<{ lease: Pick<LeaseView, 'paidSats' | 'capacitySats'> | null }>(
    'query($leaseId: Hex!) { lease(leaseId: $leaseId) { paidSats capacitySats } }',
    { leaseId },
  )
  if (lease === null) throw noLease(leaseId)
  const back = BigInt(lease.capacitySats ?? '0') - BigInt(lease.paidSats)
  return [
    ['paid', `${showNumber(lease.paidSats)} sats so far, and what is used until the end`],
    ['back', `${showNumber(back)} sats at most, less the chain’s fee`],
  ]
}

type StopFlags = NodeFlags & ChangeFlags & { readonly wait: boolean; readonly in?: number; readonly withdraw?: true }

export const stopLease = async (given: string, flags: StopFlags): Promise<void> => {
  if (flags.withdraw && flags.in !== undefined)
    throw usageFault(
      '--in announces an end and --withdraw takes it back: give one of them.',
      'zennet lease stop --help',
    )
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  if (flags.withdraw) {
    await withdraw(client, leaseId, flags)
    return say(`${leaseId} goes on: its end is not announced any more`)
  }
  const { stopLease: stopped } = await changeBy<{ stopLease: Stopped | ProblemView }>(
    client,
    {
      document: STOP,
      variables: stopInput(leaseId, flags.in),
      does: `end the lease ${leaseId}${flags.in === undefined ? '' : ` in ${showTime(flags.in / 1_000)}`}`,
      costs: () => costsOf(client, leaseId),
    },
    flags,
  )
  doneOrFault(stopped)
  const endsAt = endOf(await readLease(client, leaseId))
  if (endsAt !== undefined)
    return say(`${leaseId} ends at ${endsAt}; zennet lease stop ${leaseId} --withdraw takes that back`)
  if (!flags.wait) return say(`${leaseId} stops; zennet lease watch ${leaseId} shows how it settles`)
  say(settledLine(await untilOver(client, leaseId, openProgress())))
}

/** When it is to end, where that is for later and by this side's own word. */
const endOf = ({ notices, side }: LeaseView): string | undefined =>
  notices.find(({ by, withdrawn }) => by === side && !withdrawn)?.endsAt ?? undefined
