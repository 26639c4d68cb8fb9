import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../domain/fault.ts'
import type { GraphqlClient } from '../../api/client.ts'
import { type ChangeFlags, changeBy } from '../change.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { openProgress } from '../progress.ts'
import { isOver, type LeaseView, leaseIdOf, readLease } from './lease-view.ts'
import { LOOK_MS } from './settle.ts'

type Asked = { readonly __typename: 'LeasePauseAsked' }

/** How long the other side may take to do it, ms: a tick, or until its session is back. */
const PAUSE_WAIT_MS = 120_000

/** Lets a lease's machine stand still, or go on. Waits until it does. */
export const pauseLease = async (
  given: string,
  paused: boolean,
  flags: NodeFlags & ChangeFlags & { wait: boolean },
): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  doneOrFault(await ask(client, leaseId, paused, flags))
  if (!flags.wait) return say(`${leaseId} is to ${paused ? 'stand still' : 'go on'}; see zennet lease watch ${leaseId}`)
  const { pauses } = await untilDone(client, leaseId, paused)
  const others = pauses.map(({ code }) => code).join(', ')
  if (paused) say(`lease ${leaseId.slice(0, 12)} is paused (${others}): only its disk is paid for`)
  else if (pauses.length === 0) say(`lease ${leaseId.slice(0, 12)} goes on`)
  else say(`lease ${leaseId.slice(0, 12)} would go on, and is still paused: ${others}`)
}

const ask = async (
  client: NodeClient,
  leaseId: string,
  paused: boolean,
  flags: ChangeFlags,
): Promise<Asked | ProblemView> => {
  const { asked } = await changeBy<{ asked: Asked | ProblemView }>(
    client,
    {
      document: `mutation($input: PauseLeaseInput!) { asked: ${paused ? 'pauseLease' : 'resumeLease'}(input: $input) {
      __typename ... on LeasePauseAsked { leaseId } ${PROBLEM_FIELDS} } }`,
      variables: { input: { leaseId, idempotencyKey: randomUUID() } },
      does: paused
        ? `let the machine of the lease ${leaseId} stand still: only its disk is paid for`
        : `take this side’s pause of the lease ${leaseId} back`,
    },
    flags,
  )
  return asked
}

/** @throws Fault `cli.timed-out`, `state-conflict` */
const untilDone = async (client: GraphqlClient, leaseId: string, paused: boolean): Promise<LeaseView> => {
  const progress = openProgress()
  const until = performance.now() + PAUSE_WAIT_MS
  for (;;) {
    const lease = await readLease(client, leaseId)
    const own = lease.side === 'PUBLISHER' ? 'asked-by-publisher' : 'asked-by-provider'
    const isDone = lease.pauses.some(({ code }) => code === own) === paused
    if (isDone || isOver(lease)) progress.clear()
    if (isDone) return lease
    if (isOver(lease) || lease.end !== null)
      throw new Fault('state-conflict', `the lease ${leaseId} has ended`, { culprit: 'you', next: 'Rent again.' })
    if (performance.now() > until)
      throw new Fault('cli.timed-out', `the lease ${leaseId} does not ${paused ? 'stand still' : 'go on'} yet`, {
        culprit: 'peer-unreachable',
        next: 'It does by itself when the other side is reached; see zennet lease watch.',
      })
    progress.show(`${paused ? 'pause' : 'resume'}: waiting for the lease’s next tick`)
    await delay(LOOK_MS)
  }
}
