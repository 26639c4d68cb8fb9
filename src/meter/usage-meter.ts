import { larger, smaller } from '../../domain/money.ts'
import type { Resources } from '../../domain/resources.ts'
import {
  addUsage,
  mapUsage,
  NOT_PAUSED,
  pausedPart,
  possibleUsage,
  possibleWhilePaused,
  type TrafficCaps,
  type UsageVector,
} from '../../domain/usage.ts'
import type { Clock } from '../clock/port.ts'
import type { MachineCounters } from '../machine/port.ts'
import type { ShellTraffic } from '../shell/port.ts'

/** Turns a machine's counters into cumulative usage: what is billed. */
export interface UsageMeter {
  /** Usage up to now. While stopped it stands still. */
  sample(): Promise<UsageVector>
  /** Takes a last sample; nothing after it counts until `resume`. */
  pause(): Promise<UsageVector>
  /** @param storedOnly the machine stands still by agreement: its disk counts, and nothing else */
  resume(storedOnly?: boolean): Promise<void>
}

export type UsageMeterOptions = {
  readonly counters: () => Promise<MachineCounters>
  /** Bytes through the lease's shell: a machine without a network has no other traffic. */
  readonly traffic: () => ShellTraffic
  readonly clock: Clock
  readonly resources: Resources
  readonly caps: TrafficCaps
  /** What was billed before, by this process or by one that crashed. Whatever ran unmetered in between is not billed. */
  readonly base: UsageVector
}

type Reading = { readonly atUs: number; readonly counters: MachineCounters; readonly traffic: ShellTraffic }

const US_PER_S = 1_000_000n

/** Starts stopped: call `resume` when serving begins. */
export const openUsageMeter = ({ counters, traffic, clock, resources, caps, base }: UsageMeterOptions): UsageMeter => {
  let total = base
  let last: Reading | undefined
  // Byte·microseconds that do not make a whole byte·second yet, so that short ticks lose nothing.
  let memRest = 0n
  let diskRest = 0n
  let storedRest = 0n
  let storedOnly = false

  const read = async (): Promise<Reading> => {
    const now = await counters()
    return { atUs: clock.steadyUs(), counters: now, traffic: traffic() }
  }

  const advance = async (): Promise<void> => {
    if (last === undefined) return
    const from = last
    const to = await read()
    last = to
    const wallUs = BigInt(to.atUs - from.atUs)
    if (storedOnly) return store(wallUs, to.counters.diskBytes)
    const rose = (of: (reading: Reading) => bigint): bigint => (of(to) > of(from) ? of(to) - of(from) : 0n)
    memRest += smaller(to.counters.memoryBytes, BigInt(resources.memoryBytes)) * wallUs
    diskRest += smaller(to.counters.diskBytes, BigInt(resources.diskBytes)) * wallUs
    const used: UsageVector = {
      wallUs,
      cpuUs: rose((reading) => reading.counters.cpuUs),
      memByteSeconds: memRest / US_PER_S,
      diskByteSeconds: diskRest / US_PER_S,
      ioReadBytes: rose((reading) => reading.counters.ioReadBytes),
      ioWriteBytes: rose((reading) => reading.counters.ioWriteBytes),
      netRxBytes: rose((reading) => reading.counters.netRxBytes + reading.traffic.rxBytes),
      netTxBytes: rose((reading) => reading.counters.netTxBytes + reading.traffic.txBytes),
    }
    memRest %= US_PER_S
    diskRest %= US_PER_S
    // Quota periods and traffic bursts do not align with readings: what is above the agreed limits is a gift, never a bill.
    const raised = addUsage(total, used)
    const most = possibleUsage(resources, caps, raised.wallUs)
    const before = total
    const { paused = NOT_PAUSED } = before
    total = { ...mapUsage((key) => larger(before[key], smaller(raised[key], most[key]))), ...pausedPart(paused) }
  }

  const store = (wallUs: bigint, diskBytes: bigint): void => {
    storedRest += smaller(diskBytes, BigInt(resources.diskBytes)) * wallUs
    const { paused = NOT_PAUSED, ...served } = total
    const pausedUs = paused.wallUs + wallUs
    const raised = paused.diskByteSeconds + storedRest / US_PER_S
    storedRest %= US_PER_S
    const diskByteSeconds = larger(paused.diskByteSeconds, smaller(raised, possibleWhilePaused(resources, pausedUs)))
    total = { ...served, ...pausedPart({ wallUs: pausedUs, diskByteSeconds }) }
  }

  return {
    async sample() {
      await advance()
      return total
    },
    async pause() {
      await advance()
      last = undefined
      return total
    },
    async resume(stored = false) {
      if (last !== undefined && stored !== storedOnly) await advance()
      storedOnly = stored
      last ??= await read()
    },
  }
}
