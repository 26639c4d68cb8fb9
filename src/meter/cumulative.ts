import type { MachineCounters } from '../machine/port.ts'

const RISING = ['cpuUs', 'ioReadBytes', 'ioWriteBytes', 'netRxBytes', 'netTxBytes'] as const

export const ZERO_COUNTERS: MachineCounters = {
  cpuUs: 0n,
  memoryBytes: 0n,
  diskBytes: 0n,
  ioReadBytes: 0n,
  ioWriteBytes: 0n,
  netRxBytes: 0n,
  netTxBytes: 0n,
}

/** `Math.max` knows no bigint. */
const larger = (one: bigint, other: bigint): bigint => {
  if (one > other) return one
  return other
}

/** What earlier incarnations of a machine used, and the newest sample of the present one. */
export type Cumulative = {
  readonly incarnation: string
  readonly base: MachineCounters
  readonly last: MachineCounters
}

const risen = (base: MachineCounters, present: MachineCounters): MachineCounters => ({
  ...present,
  ...Object.fromEntries(RISING.map((key) => [key, base[key] + present[key]])),
})

/** The sum over all incarnations: never falls, except memory and disk, which are present use. */
export const totalOf = (cumulative: Cumulative): MachineCounters => risen(cumulative.base, cumulative.last)

/**
 * Takes a sample in. The kernel's counters restart with each incarnation (a container's start, a new cgroup): the last sample of the
 * one before becomes part of the base. A counter that fell within one incarnation is held at its highest.
 */
export const taken = (before: Cumulative | undefined, incarnation: string, sample: MachineCounters): Cumulative => {
  if (before === undefined) return { incarnation, base: ZERO_COUNTERS, last: sample }
  if (before.incarnation !== incarnation) return { incarnation, base: totalOf(before), last: sample }
  const highest = RISING.map((key) => [key, larger(sample[key], before.last[key])])
  return { incarnation, base: before.base, last: { ...sample, ...Object.fromEntries(highest) } }
}
