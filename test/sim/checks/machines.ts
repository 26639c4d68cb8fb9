import { isOver, stageOf } from '../../../domain/lease/lease.ts'
import { STAGE_DEADLINE_MS } from '../../../domain/lease/stage.ts'
import { type Check, Violation } from '../violation.ts'
import { awayMs } from './excuses.ts'

const NAME = 'no-machine-without-a-lease'
/** For calls, messages and commits, and for the tries after one that failed, ms. */
const SLACK_MS = 40_000

/** Every machine that stands has a lease that is paid, or was until a moment ago. */
export const machines: Check = {
  name: NAME,
  atLook(world) {
    for (const { name, world: parts } of world.nodes.values())
      for (const leaseId of parts.machines?.machines.keys() ?? []) {
        const account = world.truth.of(name, leaseId)
        if (account === undefined) throw new Violation(NAME, `a machine for ${leaseId}, which is not known`, name)
        const { lease, since } = account
        const { terms } = lease.context
        const fact = isOver(lease)
          ? (['lease.ended', 'lease.lapsed', 'lease.refused', 'lease.failed'] as const).find((type) => since.has(type))
          : lease.context.end
            ? 'lease.ended'
            : undefined
        const away = awayMs(world, name, ['kill', 'kill-at-write', 'stall', 'disk-full', 'disk-slow', 'driver-hangs'])
        const lateMs = (sinceUs: number, allowedMs: number) =>
          (world.timeline.nowUs - sinceUs) / 1_000 - allowedMs - SLACK_MS - away
        const refuse = (why: string): never => {
          throw new Violation(NAME, `the machine of ${leaseId} stands: ${why}`, name)
        }
        if (fact && lateMs(since.get(fact)!, terms?.dataGraceMs ?? 0) > 0) refuse(`${fact} long ago`)
        if (
          !fact &&
          stageOf(lease) === 'provision' &&
          lateMs(since.get('lease.agreed')!, STAGE_DEADLINE_MS.provision) > 0
        )
          refuse('nobody has funded it')
        const graceMs = (terms?.reconnectMs ?? 0) + (terms ? terms.graceTicks * terms.tickMs : 0)
        if (!fact && account.starvedAtUs !== undefined && lateMs(account.starvedAtUs, graceMs) > 0)
          refuse('nobody pays for it')
      }
  },
}
