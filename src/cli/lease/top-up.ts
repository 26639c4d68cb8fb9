import { randomUUID } from 'node:crypto'
import { Fault } from '../../../domain/fault.ts'
import { plainText } from '../../../domain/plain-text.ts'
import { type ChangeFlags, changeBy } from '../change.ts'
import { feeRateCost } from '../fee-cost.ts'
import type { NodeClient } from '../node-client.ts'
import { connect, type NodeFlags } from '../node-options.ts'
import { say } from '../output.ts'
import { doneOrFault, PROBLEM_FIELDS, type ProblemView } from '../problem.ts'
import { openProgress } from '../progress.ts'
import { showNumber } from '../quantity.ts'
import { answered } from './answered.ts'
import { leaseIdOf } from './lease-view.ts'

type Asked = { readonly __typename: 'LeaseTopUpAsked'; readonly position: string }

/** Adds coin to a lease that runs. Waits until the channel for it is funded; it counts once that is in a block. */
export const topUpLease = async (
  given: string,
  sats: bigint,
  flags: NodeFlags & ChangeFlags & { wait: boolean; key?: string },
): Promise<void> => {
  const client = connect(flags)
  const leaseId = await leaseIdOf(client, given)
  const before = client.isShowing ? '0' : await capacityOf(client, leaseId)
  const { topUpLease: asked } = await changeBy<{ topUpLease: Asked | ProblemView }>(
    client,
    {
      document: `mutation($input: TopUpLeaseInput!) { topUpLease(input: $input) {
        __typename ... on LeaseTopUpAsked { position } ${PROBLEM_FIELDS} } }`,
      variables: { input: { leaseId, sats, idempotencyKey: flags.key ?? randomUUID() } },
      does: `lock ${showNumber(sats)} sats more in the lease ${leaseId}`,
      costs: async () => [
        ['locked so far', `${showNumber(before)} sats`],
        [
          'locked then',
          `${showNumber(BigInt(before) + sats)} sats; what is not used comes back, less the chain’s fees`,
        ],
        ...(await feeRateCost(client)),
      ],
      asks: true,
    },
    flags,
  )
  const { position } = doneOrFault(asked)
  if (!flags.wait) return say(`${leaseId} is to be topped up; zennet lease watch ${leaseId} shows how that goes`)
  const { type, fact } = await answered(client, leaseId, position, {
    pending: ['lease.top-up-wanted'],
    over: ['lease.topped-up', 'lease.top-up-refused'],
    what: 'top-up: waiting for the provider, and for the wallet',
    progress: openProgress(),
  })
  if (type === 'lease.top-up-refused')
    throw new Fault(fact.code ?? 'refused', plainText(`the lease was not topped up: ${fact.code}: ${fact.why}`), {
      culprit: 'you',
      next: 'Nothing was locked; the lease goes on with what it has.',
    })
  const after = await capacityOf(client, leaseId)
  say(`lease ${leaseId.slice(0, 12)} has ${showNumber(after)} sats, ${showNumber(BigInt(after) - BigInt(before))} more`)
}

const capacityOf = async (client: NodeClient, leaseId: string): Promise<string> => {
  const { lease } = await client.lookUp<{ lease: { readonly capacitySats: string | null } | null }>(
    'query($leaseId: Hex!) { lease(leaseId: $leaseId) { capacitySats } }',
    { leaseId },
  )
  return lease?.capacitySats ?? '0'
}
