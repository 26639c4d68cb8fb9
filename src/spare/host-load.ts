import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { LoadSample } from '../../domain/spare/owner-load.ts'

/** `USER_HZ` is 100 on every Linux. Source: proc(5), time(7). */
const TICK_US = 10_000

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Microseconds that all cores together were busy, from the text of `/proc/stat`: idle, waiting and stolen time are nobody's work. */
export const busyUs = (stat: string): number => {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '')
    .split(' ')
    .map(Number)
  return (user + nice + system + irq + softirq) * TICK_US
}

/** Share of the last ten seconds in which something waited for memory; 0 where the kernel does not say. Source: Documentation/accounting/psi.rst. */
export const memoryStall = (pressure: string): number => Number(/^some avg10=([\d.]+)/m.exec(pressure)?.[1] ?? 0) / 100

/** Share of the memory that can be had without swapping, from the text of `/proc/meminfo`; all of it where that is not told. */
export const memoryFree = (meminfo: string): number => {
  const of = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0)
  const total = of('MemTotal')
  return total === 0 ? 1 : of('MemAvailable') / total
}

/** What of the host's CPU is not its owner's: cumulative, µs. */
export type OwnUse = () => Promise<number>

type Reading = { readonly atUs: number; readonly busyUs: number; readonly ownUs: number }

/**
 * Looks at this host, each time since the time before; the first look has nothing to compare with.
 *
 * @param ownUse CPU of leases and of this node. It may fall when a lease goes, and counts as none then
 */
export const openHostLoad = (steadyUs: () => number, ownUse: OwnUse) => {
  let last: Reading | undefined
  return async (): Promise<LoadSample | undefined> => {
    const ownUs = await ownUse()
    const now: Reading = { atUs: steadyUs(), busyUs: busyUs(text('/proc/stat')), ownUs }
    const before = last
    last = now
    if (before === undefined || now.atUs <= before.atUs) return undefined
    const own = Math.max(0, now.ownUs - before.ownUs)
    return {
      cores: cpus().length,
      ownerCores: Math.max(0, now.busyUs - before.busyUs - own) / (now.atUs - before.atUs),
      memoryStall: memoryStall(text('/proc/pressure/memory')),
      memoryFree: memoryFree(text('/proc/meminfo')),
    }
  }
}
