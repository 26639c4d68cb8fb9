import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { makeCgroup, removeCgroup } from '../../machine/namespace-cgroup.ts'
import { type Finding, found, missing } from './check.ts'

const numberIn = (file: string): number | undefined => {
  try {
    return Number(readFileSync(file, 'utf8').trim())
  } catch {
    return undefined
  }
}

/** Switches of the kernel that forbid user namespaces to an ordinary user. Source: user_namespaces(7), Debian's and Ubuntu's patches. */
export const SWITCHES = [
  { file: '/proc/sys/user/max_user_namespaces', forbids: 0, remedy: 'sysctl -w user.max_user_namespaces=15000' },
  {
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    forbids: 0,
    remedy: 'sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    forbids: 1,
    remedy: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const

/** Root needs none of the switches but the first. */
export const judgeSwitches = (read: (file: string) => number | undefined, isRoot: boolean): Finding => {
  const shut = SWITCHES.slice(0, isRoot ? 1 : SWITCHES.length).find(({ file, forbids }) => read(file) === forbids)
  return shut === undefined
    ? found('kernel allows namespaces', 'nobody', isRoot ? 'as root' : 'to this user')
    : missing('kernel allows namespaces', 'nobody', `${shut.file} is ${shut.forbids}`, {
        means: 'machines of namespaces cannot be made; Docker can',
        fault: 'this machine',
        next: `As root: ${shut.remedy}`,
      })
}

export const checkSwitches = (): Finding => judgeSwitches(numberIn, process.getuid?.() === 0)

const TRIAL = { cpuMillis: 100, memoryBytes: 67_108_864, diskBytes: 0, pids: 16 }

/** @param limits that the kernel took */
export const judgeCgroup = (limits: ReadonlySet<string>, isRoot: boolean): Finding => {
  const lacks = ['cpu', 'memory', 'pids'].filter((one) => !limits.has(one))
  return lacks.length === 0
    ? found('cgroup limits', 'nobody', 'CPU, memory, processes')
    : missing('cgroup limits', 'nobody', `none on ${lacks.join(', ')}`, {
        means: 'a machine of namespaces can take more of the host than was agreed',
        fault: isRoot ? 'this machine' : 'you',
        next: isRoot ? 'Boot with these controllers, or use Docker.' : 'Run the provider as root, or use Docker.',
      })
}

/** A control group is made and removed: whether machines of namespaces can be limited. */
export const checkCgroups = async (): Promise<Finding> => {
  const name = `/zennet-doctor-${randomBytes(4).toString('hex')}`
  try {
    return judgeCgroup(makeCgroup(name, TRIAL).limits, process.getuid?.() === 0)
  } finally {
    await removeCgroup(name).catch(() => false)
  }
}
