import { readdirSync, readFileSync } from 'node:fs'
import { KILL_GRACE_MS, KILL_LIMIT_MS } from './limits.ts'
import { until } from './within.ts'

/** `startTicks` tells a process from a later one with the same number. Source: proc(5), `/proc/PID/stat` fields 4, 6, 14, 15, 22. */
export type HostProcess = {
  readonly pid: number
  readonly state: string
  readonly parent: number
  readonly session: number
  readonly cpuTicks: number
  readonly startTicks: number
}

/** A process of this host, or undefined when there is none. */
export const readProcess = (pid: number): HostProcess | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const number = (index: number) => Number(fields[index - 3])
    const cpuTicks = number(14) + number(15)
    return { pid, state: fields[0]!, parent: number(4), session: number(6), cpuTicks, startTicks: number(22) }
  } catch {
    return undefined
  }
}

/** All processes of this host that can be seen. */
export const readProcesses = (): HostProcess[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])

/** A process that stands and is not merely waiting to be collected by its parent. */
export const lives = (pid: number, startTicks: number): boolean => {
  const found = readProcess(pid)
  return found !== undefined && found.startTicks === startTicks && found.state !== 'Z'
}

const key = (one: HostProcess) => `${one.pid} ${one.startTicks}`

/** Widens `known` (process → session) by everything that descends from it or shares a session with it. */
const widen = (known: Map<string, HostProcess>) => {
  const all = readProcesses()
  const alive = new Map(all.map((one) => [one.pid, one]))
  const isKnown = (pid: number) => {
    const found = alive.get(pid)
    return found !== undefined && known.has(key(found))
  }
  const sessions = new Set([...known.values()].filter((one) => one.pid === one.session).map((one) => one.session))
  for (let grew = true; grew; ) {
    grew = false
    for (const one of all) {
      if (known.has(key(one)) || !(isKnown(one.parent) || sessions.has(one.session))) continue
      known.set(key(one), one)
      if (one.pid === one.session) sessions.add(one.session)
      grew = true
    }
  }
}

/** Sends to each; answers whether this user was allowed to. */
const signalAll = (processes: Iterable<HostProcess>, signal: NodeJS.Signals): boolean => {
  let allowed = true
  for (const one of processes) {
    if (!lives(one.pid, one.startTicks)) continue
    try {
      process.kill(one.pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') allowed = false
    }
  }
  return allowed
}

/**
 * Ends a process and all that it started: SIGHUP, then SIGKILL after a moment. Found by parents and, where a parent has ended, by
 * session.
 *
 * @returns false when this user may not signal one of them
 */
export const endTree = async (root: HostProcess, graceMs: number = KILL_GRACE_MS): Promise<boolean> => {
  const known = new Map([[key(root), root]])
  widen(known)
  const gone = () => {
    widen(known)
    return [...known.values()].every((one) => !lives(one.pid, one.startTicks))
  }
  if (!signalAll(known.values(), 'SIGHUP')) return false
  if (await until(graceMs, gone)) return true
  return until(KILL_LIMIT_MS, () => {
    signalAll(known.values(), 'SIGKILL')
    return gone()
  })
}
