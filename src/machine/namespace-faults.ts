import { Fault } from '../../domain/fault.ts'

export const gone = (leaseId: string) =>
  new Fault('machine.gone', `there is no running machine for lease ${leaseId}`, {
    next: 'Ask for the state of the lease.',
  })

export const isFrozenFault = (leaseId: string) =>
  new Fault('machine.frozen', `the machine of lease ${leaseId} is frozen`, { next: 'Wait until it is thawed.' })
