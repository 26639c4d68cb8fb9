import { storagePrice } from '../../../domain/price.ts'
import { usedNothing } from '../../../domain/usage.ts'
import type { Account } from '../truth.ts'
import { type Check, Violation } from '../violation.ts'
import { dearest } from './prices.ts'

const NAME = 'a-pause-owes-its-disk'
/** Between a reading and its being written down; and rounding, for each line of the bill before and after. */
const SLACK_US = 1_500_000n
const ROUNDING_MSAT = 2n
const GIB_HOUR_US = (1n << 30n) * 3_600_000_000n

/** When the newest tick was written. */
const written = new WeakMap<Account, number>()

/** A machine that is paused stands still, and nothing is owed for it but its disk, for the time that went by. */
export const pauses: Check = {
  name: NAME,
  atWrite({ timeline: { nowUs } }, { account, fact, before }) {
    if (fact.type !== 'lease.metered') return
    const sinceUs = written.get(account)
    written.set(account, nowUs)
    const { terms, usage, owedMsat } = before.context
    if (!before.matches({ meter: 'paused' }) || terms === undefined || sinceUs === undefined) return
    const refuse = (what: string): never => {
      throw new Violation(NAME, `lease ${account.leaseId}, tick ${fact.tick}: ${what}`, account.node)
    }
    if (!usedNothing(usage, fact.usage)) refuse('more than its disk is billed')
    const elapsedUs = BigInt(Math.ceil(nowUs - sinceUs)) + SLACK_US
    const { diskBytes } = terms.resources
    const mostMsat = (storagePrice(dearest(terms)) * BigInt(diskBytes) * elapsedUs) / GIB_HOUR_US + ROUNDING_MSAT
    if (fact.owedMsat - owedMsat > mostMsat) refuse(`${fact.owedMsat - owedMsat} msat more, ${mostMsat} are the most`)
  },
  atLook(world) {
    for (const { name, world: parts } of world.nodes.values())
      for (const [leaseId, machine] of parts.machines?.machines ?? [])
        if (machine.state.status === 'running' && world.truth.of(name, leaseId)?.lease.matches({ meter: 'paused' }))
          throw new Violation(NAME, `the machine of ${leaseId} runs in a pause`, name)
  },
}
