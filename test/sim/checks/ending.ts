import { stageOf } from '../../../domain/lease/lease.ts'
import { isDone } from '../driver.ts'
import { type Check, Violation } from '../violation.ts'

/** Every lease ends, its money is where it belongs, its machine is gone. */
export const ending: Check = {
  name: 'every-lease-ends',
  atEnd({ truth, nodes }) {
    for (const account of truth.all())
      if (!isDone(account))
        throw new Violation('every-lease-ends', `${account.leaseId} is in ${stageOf(account.lease)}`, account.node)
    for (const node of nodes.values())
      for (const leaseId of node.world.machines?.machines.keys() ?? [])
        throw new Violation('every-lease-ends', `the machine of ${leaseId} stands`, node.name)
  },
}
