import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Resources } from '../../domain/resources.ts'
import { hostCgroupMounts } from '../meter/cgroup.ts'
import { FREEZE_LIMIT_MS, KILL_LIMIT_MS } from './limits.ts'
import { until } from './within.ts'

const WANTED = ['memory', 'cpu', 'cpuacct', 'pids', 'freezer'] as const
/** The kernel's usual period of the CPU quota, microseconds. */
const CPU_PERIOD_US = 100_000

type Place = {
  readonly version: 1 | 2
  readonly mount: string
  readonly folder: string
  readonly controllers: string[]
}

const read = (folder: string, file: string): string => {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch {
    return ''
  }
}

const written = (folder: string, file: string, value: string): boolean => {
  try {
    writeFileSync(join(folder, file), value)
    return true
  } catch {
    return false
  }
}

/** The folders of cgroup `name` in each hierarchy of this host that counts or limits something for us. */
const placesOf = (name: string): Place[] => {
  const mounts = hostCgroupMounts()
  const first = mounts.filter((mount) => mount.version === 1 && WANTED.some((one) => mount.controllers.includes(one)))
  const taken = first.flatMap((mount) => mount.controllers)
  const second = mounts
    .filter((mount) => mount.version === 2)
    .map((mount) => ({ ...mount, controllers: read(mount.point, 'cgroup.controllers').trim().split(' ') }))
    // A hybrid host mounts an empty v2 beside: nothing is to be had there.
    .filter((mount) => mount.controllers.some((one) => ['memory', 'cpu', 'pids'].includes(one) && !taken.includes(one)))
  return [...first, ...second.slice(0, 1)].map(({ version, point, controllers }) => {
    return { version, mount: point, folder: join(point, name), controllers }
  })
}

/** v2 gives controllers downwards only where each level asks for them. Source: cgroups(7), "Cgroups v2 subtree control". */
const openDownwards = (place: Place, name: string) => {
  let folder = place.mount
  for (const part of name.split('/').filter(Boolean)) {
    for (const one of ['cpu', 'memory', 'pids', 'io'])
      if (place.controllers.includes(one)) written(folder, 'cgroup.subtree_control', `+${one}`)
    folder = join(folder, part)
    mkdirSync(folder, { recursive: true })
  }
}

const quotaOf = (cpuMillis: number): number => Math.max(1_000, Math.floor((cpuMillis * CPU_PERIOD_US) / 1_000))

const limitCpuOf = ({ version, folder }: Place, quotaUs: number): boolean =>
  version === 2
    ? written(folder, 'cpu.max', `${quotaUs} ${CPU_PERIOD_US}`)
    : written(folder, 'cpu.cfs_period_us', String(CPU_PERIOD_US)) &&
      written(folder, 'cpu.cfs_quota_us', String(quotaUs))

/** Changes the CPU limit of a cgroup that stands. */
export const limitCpu = (name: string, cpuMillis: number): void => {
  for (const place of placesOf(name)) if (existsSync(place.folder)) limitCpuOf(place, quotaOf(cpuMillis))
}

const limit = (place: Place, resources: Resources): Set<string> => {
  const kept = new Set<string>()
  const memory = String(resources.memoryBytes)
  if (place.version === 2) {
    if (written(place.folder, 'memory.max', memory)) kept.add('memory')
    written(place.folder, 'memory.swap.max', '0')
    if (limitCpuOf(place, quotaOf(resources.cpuMillis))) kept.add('cpu')
    if (written(place.folder, 'pids.max', String(resources.pids))) kept.add('pids')
    return kept
  }
  if (written(place.folder, 'memory.limit_in_bytes', memory)) kept.add('memory')
  // Memory and swap together: no swap. Absent where swap accounting is off.
  written(place.folder, 'memory.memsw.limit_in_bytes', memory)
  if (limitCpuOf(place, quotaOf(resources.cpuMillis))) kept.add('cpu')
  if (written(place.folder, 'pids.max', String(resources.pids))) kept.add('pids')
  return kept
}

/** A folder of a cgroup, and what it is called below a machine's `/sys/fs/cgroup`: with v1 its controller, with v2 nothing. */
export type CgroupView = { readonly name: string; readonly folder: string }

/** Controllers whose counters are worth reading inside. */
const SHOWN = ['cpuacct', 'memory']
/** v1 shares of 2 and v2's `cpu.idle` are the least; 1,024 and a weight of 100 are what everything has. Source: cgroups(7), sched(7). */
const weighPlace = ({ version, folder }: Place, least: boolean): boolean => {
  if (version === 1) return written(folder, 'cpu.shares', least ? '2' : '1024')
  const idle = written(folder, 'cpu.idle', least ? '1' : '0')
  return written(folder, 'cpu.weight', least ? '1' : '100') || idle
}

/** Makes cgroup `name`, and gives it a weight among its siblings. @returns whether the kernel took it */
export const weigh = (name: string, weight: 'least' | 'usual'): boolean =>
  placesOf(name)
    .filter(({ controllers }) => controllers.includes('cpu'))
    .some((place) => {
      try {
        if (place.version === 2) openDownwards(place, name)
        mkdirSync(place.folder, { recursive: true })
        return weighPlace(place, weight === 'least')
      } catch {
        return false
      }
    })

/** A cgroup of one lease, made by hand in every hierarchy. Needs root. Idempotent. */
export type LeaseCgroup = {
  /** Files into which a process writes its number to be in it. */
  readonly procs: readonly string[]
  /** What a machine may see of it. */
  readonly views: readonly CgroupView[]
  /** Which limits the kernel took. */
  readonly limits: ReadonlySet<string>
}

/** @param name from the hierarchies' roots: `/zennet/provider/lease` */
export const makeCgroup = (name: string, resources: Resources): LeaseCgroup => {
  const places = placesOf(name).filter((place) => {
    try {
      if (place.version === 2) openDownwards(place, name)
      mkdirSync(place.folder, { recursive: true })
      return true
    } catch {
      return false
    }
  })
  return {
    procs: places.map((place) => join(place.folder, 'cgroup.procs')),
    views: places.flatMap(({ version, folder, controllers }) =>
      version === 2
        ? [{ name: '.', folder }]
        : SHOWN.filter((it) => controllers.includes(it)).map((name) => ({ name, folder })),
    ),
    limits: new Set(places.flatMap((place) => [...limit(place, resources)])),
  }
}

/** The files of a cgroup that stands. */
export const cgroupProcs = (name: string): string[] =>
  placesOf(name)
    .map((place) => join(place.folder, 'cgroup.procs'))
    .filter(existsSync)

const freezerOf = (name: string): Place | undefined =>
  placesOf(name).find(
    (place) => existsSync(join(place.folder, 'freezer.state')) || existsSync(join(place.folder, 'cgroup.freeze')),
  )

/** Whether it is frozen; undefined where it cannot be. */
export const isFrozen = (name: string): boolean | undefined => {
  const place = freezerOf(name)
  if (place === undefined) return undefined
  return place.version === 1
    ? read(place.folder, 'freezer.state').trim() === 'FROZEN'
    : /^frozen 1$/m.test(read(place.folder, 'cgroup.events'))
}

/** Freezes or thaws all of it. @returns whether it came to be so */
export const setFrozen = (name: string, frozen: boolean): Promise<boolean> => {
  const place = freezerOf(name)
  if (place === undefined) return Promise.resolve(false)
  return until(FREEZE_LIMIT_MS, () => {
    // v1 freezes step by step, and needs to be told again where a process was just being made.
    if (place.version === 1) written(place.folder, 'freezer.state', frozen ? 'FROZEN' : 'THAWED')
    else written(place.folder, 'cgroup.freeze', frozen ? '1' : '0')
    return isFrozen(name) === frozen
  })
}

const killAll = (place: Place) => {
  if (written(place.folder, 'cgroup.kill', '1')) return
  for (const pid of read(place.folder, 'cgroup.procs').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}

const removed = (folder: string): boolean => {
  if (!existsSync(folder)) return true
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removed(join(folder, entry.name))
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** Ends every process in it and removes it from all hierarchies. Idempotent. @returns false when something outlived the limit */
export const removeCgroup = async (name: string): Promise<boolean> => {
  // What is frozen cannot end.
  await setFrozen(name, false)
  return until(KILL_LIMIT_MS, () => {
    const places = placesOf(name)
    for (const place of places) if (existsSync(place.folder)) killAll(place)
    return places.map((place) => removed(place.folder)).every(Boolean)
  })
}

/** Removes a parent that has become empty; keeps one that has not. */
export const removeEmptyCgroup = (name: string): void => {
  for (const { folder } of placesOf(name)) {
    try {
      rmdirSync(folder)
    } catch {
      // Another lease is in it, or it was never made.
    }
  }
}
