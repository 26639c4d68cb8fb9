import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where one kernel resource of a process is counted: a folder of cgroup v1 (one per controller) or v2 (one for all). */
export type CgroupPaths = {
  readonly cpu?: { readonly version: 1 | 2; readonly folder: string }
  readonly memory?: { readonly version: 1 | 2; readonly folder: string }
  readonly io?: { readonly version: 1 | 2; readonly folder: string }
  readonly pids?: { readonly version: 1 | 2; readonly folder: string }
  readonly freezer?: { readonly version: 1 | 2; readonly folder: string }
}

type Mount = { readonly root: string; readonly point: string; readonly version: 1 | 2; readonly controllers: string[] }

/** `/proc/self/mountinfo` writes space, tab, newline and backslash as octal. Source: proc(5). */
const unescaped = (text: string) => text.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)))

/** Mounted cgroup hierarchies, from the text of `/proc/self/mountinfo`. Source: proc(5). */
export const cgroupMounts = (mountinfo: string): Mount[] =>
  mountinfo.split('\n').flatMap((line): Mount[] => {
    const [before, after] = line.split(' - ')
    if (before === undefined || after === undefined) return []
    const fields = before.split(' ')
    const [type, , options] = after.split(' ')
    const place = { root: unescaped(fields[3] ?? '/'), point: unescaped(fields[4] ?? '/') }
    if (type === 'cgroup2') return [{ ...place, version: 2, controllers: [] }]
    if (type === 'cgroup') return [{ ...place, version: 1, controllers: (options ?? '').split(',') }]
    return []
  })

let found: readonly Mount[] = []

/**
 * Those of this process, read once: they stand as long as the host does, and the text that names them has a line for each lease's disk,
 * which was most of what a reading of a machine cost. Where there are none they are looked for again.
 */
export const hostCgroupMounts = (): readonly Mount[] => {
  if (found.length === 0) found = cgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'))
  return found
}

/** The folder of a mounted hierarchy for `path` of `/proc/PID/cgroup`; undefined when it lies outside what is mounted. */
const folderIn = (mount: Mount, path: string): string | undefined => {
  if (mount.root === '/') return join(mount.point, path)
  if (path === mount.root) return mount.point
  return path.startsWith(`${mount.root}/`) ? join(mount.point, path.slice(mount.root.length)) : undefined
}

/**
 * Joins `/proc/PID/cgroup` with the mounts and their roots. A controller that has a v1 line is read there (hybrid systems mount an
 * empty v2 beside), otherwise in v2's folder. Source: cgroups(7).
 */
export const cgroupPaths = (procCgroup: string, mountinfo: string): CgroupPaths =>
  pathsAmong(procCgroup, cgroupMounts(mountinfo))

const pathsAmong = (procCgroup: string, mounts: readonly Mount[]): CgroupPaths => {
  const lines = procCgroup.split('\n').flatMap((line) => {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line)
    return match === null ? [] : [{ controllers: match[2]!.split(',').filter(Boolean), path: match[3]! }]
  })
  const second = lines.find((line) => line.controllers.length === 0)
  const find = (version: 1 | 2, path: string, controller: string) =>
    mounts
      .filter((mount) => mount.version === version && (version === 2 || mount.controllers.includes(controller)))
      .map((mount) => folderIn(mount, path))
      .find((folder) => folder !== undefined)
  const place = (controller: string) => {
    const first = lines.find((line) => line.controllers.includes(controller))
    const v1 = first && find(1, first.path, controller)
    if (v1 !== undefined) return { version: 1 as const, folder: v1 }
    const v2 = second && find(2, second.path, '')
    return v2 === undefined ? undefined : { version: 2 as const, folder: v2 }
  }
  const found = {
    cpu: place('cpuacct'),
    memory: place('memory'),
    io: place('blkio'),
    pids: place('pids'),
    freezer: place('freezer'),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** The cgroups of a process of this host. @throws when it has ended */
export const cgroupsOf = (pid: number): CgroupPaths =>
  pathsAmong(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), hostCgroupMounts())
