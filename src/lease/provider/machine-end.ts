import { Fault } from '../../../domain/fault.ts'
import type { Clock } from '../../clock/port.ts'
import type { Machines } from '../../machine/port.ts'
import type { ServingEnd } from './serving.ts'

/** How long what makes the machines may be away, as while it is restarted: they run on, and their counters are the kernel's. */
export const DRIVER_AWAY_MS = 10_000
/** What a process that was sent SIGKILL ends with. Nobody inside can do that to a machine's first process. */
const KILLED = 137

/** Why a machine cannot go on; undefined while it stands, as far as anybody can tell. @throws Fault of the machine port */
export type MachineEnd = () => Promise<ServingEnd | undefined>

export const watchMachine = (
  machines: Pick<Machines, 'inspect'>,
  clock: Pick<Clock, 'steadyUs'>,
  leaseId: string,
): MachineEnd => {
  let awaySinceUs: number | undefined
  return async () => {
    try {
      const end = await machineEnd(machines, leaseId)
      awaySinceUs = undefined
      return end
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'machine.unavailable') throw error
      awaySinceUs ??= clock.steadyUs()
      if (clock.steadyUs() - awaySinceUs > DRIVER_AWAY_MS * 1_000) throw error
      return undefined
    }
  }
}

const machineEnd = async (machines: Pick<Machines, 'inspect'>, leaseId: string): Promise<ServingEnd | undefined> => {
  const machine = await machines.inspect(leaseId)
  if (machine.status === 'absent') return { code: 'machine-gone', why: 'the machine is not there any more' }
  if (machine.status !== 'exited') return undefined
  if (machine.oomKilled) return { code: 'machine-out-of-memory', why: 'the machine used more memory than agreed' }
  return machine.exitCode === KILLED
    ? { code: 'machine-gone', why: 'the machine was killed from outside' }
    : { code: 'machine-exited', why: `the machine’s first process ended with ${machine.exitCode}` }
}
