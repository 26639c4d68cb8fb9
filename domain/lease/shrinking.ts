import type { LeaseCommand } from './commands.ts'
import type { LeaseContext } from './context.ts'
import type { LeaseFact } from './facts.ts'

/** A lease gets so much CPU from now on: less than was agreed, or, when it got less until now, all of it again. */
export const shrink = (
  { at, cpuMillis }: Extract<LeaseCommand, { kind: 'shrink' }>,
  { terms, shrunkTo }: LeaseContext,
): readonly LeaseFact[] => {
  if (cpuMillis >= (terms?.resources.cpuMillis ?? Number.POSITIVE_INFINITY))
    return shrunkTo === undefined ? [] : [{ type: 'lease.unshrunk', at }]
  return cpuMillis === shrunkTo ? [] : [{ type: 'lease.shrunk', at, cpuMillis }]
}
