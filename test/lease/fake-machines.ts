import { PassThrough } from 'node:stream'
import { Fault } from '../../domain/fault.ts'
import type { MachineCounters, MachineSpec, MachineState, Machines } from '../../src/machine/port.ts'
import { ZERO_COUNTERS } from '../../src/meter/cumulative.ts'

type Machine = { spec: MachineSpec; state: Exclude<MachineState, { status: 'absent' }>; cpuUs: bigint; sinceMs: number }

export interface FakeMachines extends Machines {
  /** `create lease`, `freeze lease`, … in order; inspections and counters apart. */
  readonly calls: string[]
  /** The next calls of `create` fail with this code. */
  failCreate: string | undefined
  /** Every call fails with this code, as when the driver is down. */
  down: string | undefined
  /** Thousandths of a core that a running machine uses. */
  cpuMillis: number
  stateOf(leaseId: string): MachineState['status']
  exit(exitCode: number, oomKilled?: boolean): void
  vanish(): void
}

/** Machines without programs: their counters rise by the clock, and a test decides when they end. They outlive the provider's process. */
export const fakeMachines = (): FakeMachines => {
  const machines = new Map<string, Machine>()
  const calls: string[] = []
  const found = (leaseId: string): Machine => {
    const machine = machines.get(leaseId)
    if (!machine || machine.state.status === 'exited') throw new Fault('machine.gone', `no machine for ${leaseId}`)
    return machine
  }
  const count = (machine: Machine): void => {
    const now = Date.now()
    if (machine.state.status === 'running')
      machine.cpuUs += (BigInt(now - machine.sinceMs) * BigInt(fake.cpuMillis) * 1000n) / 1000n
    machine.sinceMs = now
  }
  const change = (leaseId: string, status: 'running' | 'frozen'): void => {
    const machine = found(leaseId)
    if (machine.state.status === status) return
    count(machine)
    machine.state = { status, pid: 1 }
    calls.push(`${status === 'frozen' ? 'freeze' : 'thaw'} ${leaseId}`)
  }
  const up = (): void => {
    if (fake.down !== undefined) throw new Fault(fake.down, 'the driver does not answer')
  }
  const fake: FakeMachines = {
    driver: 'process',
    isolation: 'none',
    calls,
    failCreate: undefined,
    down: undefined,
    cpuMillis: 200,
    stateOf: (leaseId) => machines.get(leaseId)?.state.status ?? 'absent',
    exit(exitCode, oomKilled = false) {
      for (const machine of machines.values()) {
        count(machine)
        machine.state = { status: 'exited', exitCode, oomKilled }
      }
    },
    vanish: () => machines.clear(),
    images: async () => ['busybox'],
    async create(spec) {
      up()
      calls.push(`create ${spec.leaseId}`)
      if (fake.failCreate !== undefined) throw new Fault(fake.failCreate, 'as the test asked')
      if (machines.has(spec.leaseId)) return
      machines.set(spec.leaseId, { spec, state: { status: 'running', pid: 1 }, cpuUs: 0n, sinceMs: Date.now() })
    },
    async inspect(leaseId) {
      up()
      return machines.get(leaseId)?.state ?? { status: 'absent' }
    },
    connect: () => Promise.reject(new Fault('machine.no-forward', 'a fake has no sockets')),
    listen: () => Promise.reject(new Fault('machine.no-forward', 'a fake has no sockets')),
    async exec(leaseId) {
      found(leaseId)
      const stdout = new PassThrough()
      stdout.end()
      return {
        stdin: new PassThrough(),
        stdout,
        resize: async () => {},
        kill: async () => {},
        exited: Promise.resolve({ code: 0 }),
      }
    },
    async freeze(leaseId) {
      up()
      change(leaseId, 'frozen')
    },
    async thaw(leaseId) {
      up()
      change(leaseId, 'running')
    },
    async seal(leaseId) {
      up()
      found(leaseId).state = { status: 'running', pid: 1 }
      calls.push(`seal ${leaseId}`)
    },
    async shrink(leaseId, cpuMillis) {
      up()
      found(leaseId)
      calls.push(`shrink ${leaseId} ${cpuMillis}`)
    },
    async counters(leaseId): Promise<MachineCounters> {
      up()
      const machine = found(leaseId)
      count(machine)
      return { ...ZERO_COUNTERS, cpuUs: machine.cpuUs, memoryBytes: 64n << 20n, diskBytes: 1n << 20n }
    },
    async remove(leaseId) {
      up()
      if (machines.delete(leaseId)) calls.push(`remove ${leaseId}`)
    },
    list: async () => [...machines.keys()],
    close: async () => {},
  }
  return fake
}
