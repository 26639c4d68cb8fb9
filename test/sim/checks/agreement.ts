import { encode } from '../../../domain/codec.ts'
import { stageOf } from '../../../domain/lease/lease.ts'
import { sameUsage } from '../../../domain/usage.ts'
import type { Account } from '../truth.ts'
import { type Check, Violation } from '../violation.ts'
import type { World } from '../world.ts'
import { isHostile } from './excuses.ts'

const NAME = 'both-sides-agree'
const refuse = ({ node, leaseId }: Account, what: string): never => {
  throw new Violation(NAME, `lease ${leaseId}: ${what}`, node)
}

/** What one side's log says of ticks and payments, the other's says too, and the chain in the end. */
export const agreement: Check = {
  name: NAME,
  atWrite(world, { account, fact }) {
    const other = world.truth.other(account)
    const { context } = account.lease
    if (other === undefined) return
    if (fact.type === 'lease.paid' && context.side === 'provider' && other.lease.context.paidSats < fact.paidSats)
      refuse(account, `${fact.paidSats} sats are not in the publisher's log`)
    if (fact.type === 'lease.metered' && context.side === 'publisher' && !isHostile(world, other.node)) {
      const { tick, usage } = other.lease.context
      if (tick < fact.tick) refuse(account, `tick ${fact.tick} is not in the provider's log`)
      if (tick === fact.tick && !sameUsage(usage, fact.usage)) refuse(account, `tick ${tick} is another one there`)
    }
    const settled = other.since.has('lease.settled') && fact.type === 'lease.settled'
    if (settled && stageOf(other.lease) !== 'settled') refuse(account, 'settled here, not there')
  },
  atEnd(world) {
    const spends = spendsOf(world)
    for (const account of world.truth.all()) {
      const { context } = account.lease
      const other = world.truth.other(account)
      if (!context.funding || !context.terms || !other) continue
      const paid = spends.get(`${context.funding.txid}:${context.funding.vout}`)
      const stage = stageOf(account.lease)
      if (stage === 'settled' && paid === undefined) refuse(account, 'settled, and its funding is not spent')
      // A provider that never took the funding knows nothing of its refund.
      if (stageOf(other.lease) !== stage && !isUnmade(account, other))
        refuse(account, `${stage} here, ${stageOf(other.lease)} there`)
      const [provider, publisher] = context.side === 'provider' ? [account, other] : [other, account]
      const { returned, earned } = earnedOf(provider, spends)
      if (stage === 'settled' && !isHostile(world, provider.node)) {
        const { paidSats } = provider.lease.context
        // What would be dust for the publisher goes to the provider.
        if (earned !== paidSats && returned > 0n)
          refuse(account, `${paidSats} sats were paid, the chain says ${earned}`)
        if (publisher.lease.context.paidSats < paidSats) refuse(account, 'the publisher paid less than that')
      }
      const [ours, theirs] = [context.receipt, other.lease.context.receipt]
      const both = ours?.publisherSignature && theirs?.publisherSignature && ours.providerSignature
      if (both && theirs.providerSignature && encode(ours.receipt) !== encode(theirs.receipt))
        refuse(account, 'the receipts differ')
    }
  },
}

/** What came back to the publisher of the channels that were closed, and what did not. */
const earnedOf = ({ channels }: Account, spends: ReturnType<typeof spendsOf>) => {
  let [returned, earned] = [0n, 0n]
  for (const { value, context } of channels.values()) {
    const { terms, funding } = context
    if (value !== 'closed' || !terms || !funding) continue
    const spend = spends.get(`${funding.txid}:${funding.vout}`)
    const back = spend?.script === terms.publisherScript ? spend.value : 0n
    returned += back
    earned += terms.capacitySats - back
  }
  return { returned, earned }
}

const UNMADE = ['lapsed', 'refused', 'failed']

const isUnmade = (one: Account, other: Account): boolean =>
  [one, other].some(({ lease }) => stageOf(lease) === 'refunded' && lease.context.side === 'publisher') &&
  [one, other].some(({ lease }) => UNMADE.includes(stageOf(lease)) && lease.context.side === 'provider')

/** By the outpoint that is spent: what stands at the spend's own index. */
const spendsOf = ({ chain }: World): Map<string, { value: bigint; script: string }> => {
  const spends = new Map<string, { value: bigint; script: string }>()
  for (let height = 0; height <= chain.tip.height; height++)
    for (const tx of chain.at(height)!.block.transactions)
      for (const [i, { txid, vout }] of tx.inputs.entries()) {
        const output = tx.outputs[i]
        spends.set(`${txid}:${vout}`, {
          value: output?.value ?? 0n,
          script: output ? Buffer.from(output.script).toString('hex') : '',
        })
      }
  return spends
}
