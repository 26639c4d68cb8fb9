import { readdirSync, readFileSync } from 'node:fs'

/** What `/proc` says of one process. CPU and I/O contain those of its children that ended and were waited for. */
export type ProcessSample = {
  readonly pid: number
  readonly parent: number
  /** Clock ticks after boot; with `pid` it names a process for good. */
  readonly startedAt: string
  /** One letter of proc(5): `T` is stopped, `Z` has ended. */
  readonly state: string
  readonly cpuUs: bigint
  readonly memoryBytes: bigint
  readonly ioReadBytes: bigint
  readonly ioWriteBytes: bigint
}

/** `USER_HZ` and the page size are 100 and 4096 on every Linux that Node is built for, except pages on some arm64 and ppc64 kernels. */
const US_PER_TICK = 10_000n
const PAGE_BYTES = 4096n

const slurp = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

/** Reads one process, or undefined when it is gone (or there is no `/proc`). Source: proc(5). */
export const sampleProcess = (pid: number): ProcessSample | undefined => {
  const stat = slurp(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name in brackets may contain anything, so fields are counted from the last bracket: [0] is field 3, `state`.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + BigInt(fields[at] ?? 0), 0n)
  const io = slurp(`/proc/${pid}/io`) ?? ''
  const ioBytes = (name: string) => BigInt(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1] ?? 0)
  return {
    pid,
    parent: Number(fields[1]),
    state: fields[0] ?? 'Z',
    startedAt: fields[19] ?? '',
    cpuUs: ticks * US_PER_TICK,
    memoryBytes: BigInt(fields[21] ?? 0) * PAGE_BYTES,
    ioReadBytes: ioBytes('read_bytes'),
    ioWriteBytes: ioBytes('write_bytes'),
  }
}

/**
 * The ids of all living processes that were started with `NAME=value` in their environment, and so of their descendants,
 * whatever group or session they moved to. One that wipes its environment is not found. Empty without `/proc`.
 */
export const processesMarked = (mark: string): number[] => {
  const entries = (() => {
    try {
      return readdirSync('/proc')
    } catch {
      return []
    }
  })()
  return entries
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => `\0${slurp(`/proc/${pid}/environ`) ?? ''}\0`.includes(`\0${mark}\0`))
}

/** Sends a signal; a negative id names a group. A process that is gone or not ours is no error. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // ESRCH: it ended in between.
  }
}
