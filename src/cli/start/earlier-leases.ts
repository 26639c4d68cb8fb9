import type { Fact } from '../../../domain/fact.ts'
import type { LeaseFact } from '../../../domain/lease/facts.ts'
import { readTypes } from '../../journal/read-types.ts'
import type { Node } from '../../node/node.ts'
import { grouped, type Screen } from './screen.ts'

/** `mine`: of the announcement that is being watched; `earlier`: of one from before this start; `other`: somebody rents beside it. */
export type Origin = 'mine' | 'earlier' | 'other'

/**
 * Tells the leases of this start from those that an earlier one left when it was killed. Those go on where they were, and nobody
 * looks at them any more.
 */
export const openOrigins = async ({ journal }: Node): Promise<(leaseId: string, txid: string) => Promise<Origin>> => {
  const posted = await readTypes<Fact & { readonly type: 'announcement.posted' }>(journal, 'announcement.posted')
  const earlier = new Set(posted.map(({ stream }) => stream.slice('announcement-'.length)))
  const known = new Map<string, Origin>()
  return async (leaseId, txid) => {
    const before = known.get(leaseId)
    if (before) return before
    const [first] = await journal.read(`lease-${leaseId}`, 0, 1)
    const sought = first?.fact as LeaseFact | undefined
    const from = sought?.type === 'lease.sought' ? sought.announcement.split(':')[0]! : ''
    const origin = from === txid ? 'mine' : earlier.has(from) ? 'earlier' : 'other'
    known.set(leaseId, origin)
    return origin
  }
}

/** Ends a lease of an earlier start as soon as it goes on, and tells what became of it. */
export const endEarlier = async (publisher: Node, leaseId: string, fact: LeaseFact, screen: Screen): Promise<void> => {
  const say = (text: string) => screen.line(`  earlier      ${text}`)
  const short = leaseId.slice(0, 12)
  switch (fact.type) {
    case 'lease.metered':
      // Repeated until the end is written down: asked twice, it is refused and nothing happens.
      await publisher.market.stopLease(leaseId)
      return
    case 'lease.ended':
      return say(`lease ${short}, left by a start that was killed, ended: ${fact.code}`)
    case 'lease.settled':
      return say(`lease ${short} settled: ${grouped(fact.paidSats)} sats to the provider, in block ${fact.height}`)
    case 'lease.refunded':
      return say(`lease ${short} refunded`)
    default:
      return
  }
}
