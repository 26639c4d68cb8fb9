import type { Trouble } from '../plan.ts'
import { type Check, Violation } from '../violation.ts'
import { hasTrouble } from './excuses.ts'

const NAME = 'data-is-kept'
/** What takes a machine away, or its driver; and clocks that say the time is over. */
const TROUBLES: readonly Trouble['kind'][] = ['machines', 'driver-hangs', 'clock', 'disk-full', 'disk-slow', 'stall']
const SLACK_MS = 1_000

/** After its end a lease's machine is kept for its data as long as was agreed, or until its publisher says that it has it. */
export const data: Check = {
  name: NAME,
  atWrite(world, { account, fact }) {
    const { terms, funding } = account.lease.context
    const endedUs = account.since.get('lease.ended')
    if (fact.type !== 'lease.released' || terms === undefined || funding === undefined || endedUs === undefined) return
    if (world.truth.fetched.has(account.leaseId) || hasTrouble(world, account.node, TROUBLES)) return
    const keptMs = (world.timeline.nowUs - endedUs) / 1_000
    if (keptMs < terms.dataGraceMs - SLACK_MS)
      throw new Violation(NAME, `lease ${account.leaseId}: its data was kept for ${keptMs} ms`, account.node)
  },
}
