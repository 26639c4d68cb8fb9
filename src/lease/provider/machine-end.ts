import type { Machines } from '../../machine/port.ts'
import type { ServingEnd } from './serving.ts'

/** Why a machine cannot go on; undefined while it stands. @throws Fault of the machine port */
export const machineEnd = async (
  machines: Pick<Machines, 'inspect'>,
  leaseId: string,
): Promise<ServingEnd | undefined> => {
  const machine = await machines.inspect(leaseId)
  if (machine.status === 'absent') return { code: 'machine-gone', why: 'the machine is not there any more' }
  if (machine.status !== 'exited') return undefined
  return machine.oomKilled
    ? { code: 'machine-out-of-memory', why: 'the machine used more memory than agreed' }
    : { code: 'machine-exited', why: `the machine’s first process ended with ${machine.exitCode}` }
}
