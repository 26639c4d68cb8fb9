import { dayOf, spentOn } from '../../../domain/lease/budget.ts'
import { type Check, Violation } from '../violation.ts'

const NAME = 'a-day-costs-what-was-signed'

/** When nothing runs any more, each publisher has counted what its log says was paid today, and not more. */
export const budget: Check = {
  name: NAME,
  atEnd({ nodes, truth }) {
    for (const { name, running } of nodes.values()) {
      if (running?.publisher === undefined) continue
      const { day, spentSats } = running.publisher.spending.today()
      let signed = 0n
      for (const { node, lease } of truth.all()) if (node === name) signed += spentOn(day, lease.context)
      if (spentSats !== signed && day === dayOf(running.life.clock.now()))
        throw new Violation(NAME, `${spentSats} sats are counted, ${signed} are signed`, name)
    }
  },
}
