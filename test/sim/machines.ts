import { PassThrough } from 'node:stream'
import { Fault } from '../../domain/fault.ts'
import { NO_USAGE, type UsageVector } from '../../domain/usage.ts'
import { DOCKER_CALL_LIMIT_MS } from '../../src/machine/limits.ts'
import type { MachineCounters, MachineSpec, MachineState, Machines } from '../../src/machine/port.ts'
import { ZERO_COUNTERS } from '../../src/meter/cumulative.ts'
import type { Dice } from './dice.ts'
import type { Life } from './life.ts'
import type { Timeline } from './timeline.ts'

/** What the world knows of a machine, whatever its driver says. */
export type Machine = {
  readonly spec: MachineSpec
  state: Exclude<MachineState, { status: 'absent' }>
  /** What it uses of its CPU, from 0 to 1. */
  readonly busy: number
  /** Somebody may log in to it, and its lease has not ended. */
  open: boolean
  /** While it ran and was open, µs. */
  readonly served: { wallUs: number; cpuUs: number }
  /** While it ran, µs. */
  cpuUs: number
  sinceUs: number
  /** Its driver says too much. */
  lying: boolean
}

/** A driver and its machines on one host. They outlive the provider's process. */
export class MachineHost {
  readonly machines = new Map<string, Machine>()
  /** Those that are gone, too. */
  readonly ever = new Map<string, Machine>()
  #hungUntilUs = 0
  readonly #timeline: Timeline
  readonly #dice: Dice

  constructor(timeline: Timeline, dice: Dice) {
    this.#timeline = timeline
    this.#dice = dice
  }

  /** The driver answers nothing for `ms`. */
  hang(ms: number): void {
    this.#hungUntilUs = Math.max(this.#hungUntilUs, this.#timeline.nowUs + ms * 1_000)
  }

  get hung(): boolean {
    return this.#hungUntilUs > this.#timeline.nowUs
  }

  heal(): void {
    this.#hungUntilUs = 0
  }

  /** Something happens to every machine that stands. */
  strike(what: 'exit' | 'out-of-memory' | 'vanish' | 'lie'): void {
    for (const [leaseId, machine] of this.machines) {
      this.count(machine)
      if (what === 'vanish') {
        this.serve(leaseId, false)
        this.machines.delete(leaseId)
      } else if (what === 'lie') machine.lying = true
      else machine.state = { status: 'exited', exitCode: 1, oomKilled: what === 'out-of-memory' }
    }
  }

  count(machine: Machine): void {
    const { nowUs } = this.#timeline
    if (machine.state.status === 'running') {
      const ranUs = nowUs - machine.sinceUs
      const cpuUs = (ranUs * machine.busy * machine.spec.resources.cpuMillis) / 1_000
      machine.cpuUs += cpuUs
      if (machine.open) {
        machine.served.wallUs += ranUs
        machine.served.cpuUs += cpuUs
      }
    }
    machine.sinceUs = nowUs
  }

  /** Its shell is open from now on, or closed. */
  serve(leaseId: string, open: boolean): void {
    const machine = this.ever.get(leaseId)
    if (machine === undefined) return
    this.count(machine)
    machine.open = open
  }

  driver(life: Life): Machines {
    life.onEnd(() => {
      for (const leaseId of this.machines.keys()) this.serve(leaseId, false)
    })
    const call = async <T>(ms: number, work: () => T): Promise<T> => {
      await life.later(0.05 + this.#dice.around(ms), () => {})
      if (!this.hung) return work()
      const leftMs = (this.#hungUntilUs - this.#timeline.nowUs) / 1_000
      await life.later(Math.min(leftMs, DOCKER_CALL_LIMIT_MS), () => {})
      if (leftMs <= DOCKER_CALL_LIMIT_MS) return work()
      throw new Fault('machine.unavailable', 'the driver does not answer', { culprit: 'provider' })
    }
    const found = (leaseId: string): Machine => {
      const machine = this.machines.get(leaseId)
      if (!machine || machine.state.status === 'exited') throw new Fault('machine.gone', `no machine for ${leaseId}`)
      return machine
    }
    const noForward = () => Promise.reject(new Fault('machine.no-forward', 'the world has no sockets'))
    const change = (leaseId: string, status: 'running' | 'frozen'): void => {
      const machine = found(leaseId)
      this.count(machine)
      machine.state = { status, pid: 1 }
    }
    return {
      driver: 'process',
      isolation: 'none',
      images: async () => ['busybox'],
      create: (spec) =>
        call(300, () => {
          if (this.machines.has(spec.leaseId)) return
          const made: Machine = {
            spec,
            state: { status: 'running', pid: 1 },
            busy: this.#dice.float(),
            open: false,
            served: { wallUs: 0, cpuUs: 0 },
            cpuUs: 0,
            sinceUs: this.#timeline.nowUs,
            lying: false,
          }
          this.machines.set(spec.leaseId, made)
          this.ever.set(spec.leaseId, made)
        }),
      inspect: (leaseId) => call(1, () => this.machines.get(leaseId)?.state ?? { status: 'absent' }),
      exec: async () => ({
        stdin: new PassThrough(),
        stdout: new PassThrough(),
        resize: async () => {},
        kill: async () => {},
        exited: Promise.resolve({ code: 0 }),
      }),
      connect: noForward,
      listen: noForward,
      freeze: (leaseId) => call(10, () => change(leaseId, 'frozen')),
      thaw: (leaseId) => call(10, () => change(leaseId, 'running')),
      seal: (leaseId) => call(300, () => change(leaseId, 'running')),
      shrink: (leaseId) => call(10, () => void found(leaseId)),
      counters: (leaseId) => call(1, () => this.#counters(found(leaseId))),
      remove: (leaseId) =>
        call(50, () => {
          this.serve(leaseId, false)
          this.machines.delete(leaseId)
        }),
      list: () => call(5, () => [...this.machines.keys()]),
      close: async () => {},
    }
  }

  /** What it was really used while it was served. */
  usage(machine: Machine): UsageVector {
    this.count(machine)
    const { wallUs, cpuUs } = machine.served
    const { memoryBytes, diskBytes } = machine.spec.resources
    const perSecond = (bytes: number) => BigInt(Math.ceil((bytes * wallUs) / 1e6))
    return {
      ...NO_USAGE,
      wallUs: BigInt(Math.ceil(wallUs)),
      cpuUs: BigInt(Math.ceil(cpuUs)),
      memByteSeconds: perSecond(memoryBytes / 2),
      diskByteSeconds: perSecond(diskBytes / 3),
    }
  }

  #counters(machine: Machine): MachineCounters {
    this.count(machine)
    const cpuUs = BigInt(Math.floor(machine.cpuUs)) * (machine.lying ? 50n : 1n)
    const { memoryBytes, diskBytes } = machine.spec.resources
    return { ...ZERO_COUNTERS, cpuUs, memoryBytes: BigInt(memoryBytes) / 2n, diskBytes: BigInt(diskBytes) / 3n }
  }
}
