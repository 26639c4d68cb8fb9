import { readFileSync, readlinkSync } from 'node:fs'
import { type HostProcess, readProcesses } from './process-tree.ts'

/** `USER_HZ` is 100 on every Linux. Source: proc(5), time(7). */
const TICK_US = 10_000n

const pidNamespace = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

/** All processes in the machine whose first process is `pid`. */
export const processesIn = (pid: number): HostProcess[] => {
  const namespace = pidNamespace(pid)
  return namespace === undefined ? [] : readProcesses().filter((one) => pidNamespace(one.pid) === namespace)
}

const residentBytes = (pid: number): bigint => {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return BigInt(kibibytes ?? 0) * 1024n
  } catch {
    return 0n
  }
}

/**
 * Use of machines without a cgroup (a provider that is an ordinary user): sums over processes, each as last seen. What a process uses
 * between its last sample and its end is lost.
 */
export const processUsage = () => {
  const seen = new Map<number, Map<string, number>>()
  return (pid: number): { readonly cpuUs: bigint; readonly memoryBytes: bigint } => {
    const ticks = seen.get(pid) ?? new Map<string, number>()
    seen.set(pid, ticks)
    const all = processesIn(pid)
    for (const one of all) ticks.set(`${one.pid} ${one.startTicks}`, one.cpuTicks)
    const sum = [...ticks.values()].reduce((total, value) => total + BigInt(value), 0n)
    return {
      cpuUs: sum * TICK_US,
      memoryBytes: all.reduce((total, one) => total + residentBytes(one.pid), 0n),
    }
  }
}
