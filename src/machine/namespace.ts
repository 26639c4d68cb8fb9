import { createHash } from 'node:crypto'
import { chmodSync, existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../domain/fault.ts'
import { cgroupsOf } from '../meter/cgroup.ts'
import { networkOf, oomKills, readCounters } from '../meter/counters.ts'
import { totalOf, ZERO_COUNTERS } from '../meter/cumulative.ts'
import { BUSYBOX_IMAGE, makeBusyboxTree } from './busybox-image.ts'
import { canMakeDisks, diskFolder, makeDisk, removeDisk, sealDisk, usedBytes } from './disk.ts'
import { openForwarders } from './forward/forwarders.ts'
import { countIn, leaseFolder, leaseFolders, readCumulative } from './lease-folder.ts'
import { FREEZE_LIMIT_MS, KILL_LIMIT_MS, SEALED_CPU_MILLIS } from './limits.ts'
import {
  cgroupProcs,
  isFrozen,
  limitCpu,
  makeCgroup,
  removeCgroup,
  removeEmptyCgroup,
  setFrozen,
} from './namespace-cgroup.ts'
import { namespaceExec } from './namespace-exec.ts'
import { gone, isFrozenFault } from './namespace-faults.ts'
import { type NamespaceRecord, readRecord, writeRecord } from './namespace-record.ts'
import { processesMarkedBy, startNamespaces } from './namespace-start.ts'
import { processesIn, processUsage } from './namespace-usage.ts'
import type { MachineCounters, MachineSpec, MachineState, Machines } from './port.ts'
import { signal } from './process-table.ts'
import { lives, readProcess } from './process-tree.ts'
import { buildToolbox } from './toolbox.ts'
import { inTurn, until } from './within.ts'

export type NamespaceMachinesOptions = {
  /** Tells this provider's machines from another's on the same host; letters, digits, `_` and `-`. */
  readonly provider: string
  readonly dataDir: string
  /** Cgroup above all leases, from the hierarchies' roots. Absent: `/zennet`. */
  readonly parentCgroup?: string
}

/** A limit that this host cannot hold, and why. */
export type UnheldLimit = { readonly limit: 'cpu' | 'memory' | 'pids'; readonly why: string }

export interface NamespaceMachines extends Machines {
  /** What an offer must not promise: empty when all limits hold. */
  readonly unheld: readonly UnheldLimit[]
}

const DEFAULT_PARENT = '/zennet'

/** Users that are root inside machines, when the provider is root: none of them is anyone on the host. */
const FIRST_UID = 1_879_048_192
const UIDS = 65_536

/**
 * Machines out of Linux namespaces with util-linux alone: for hosts without Docker, as root or as an ordinary user. Root inside is an
 * unprivileged user outside, without capabilities. There is no seccomp filter: a hole in the kernel's calls is within reach, so the
 * isolation class is `namespace`, below `container`.
 *
 * As an ordinary user there are no cgroups: CPU, memory and processes are not limited (see `unheld`), the disk lies in memory.
 * @throws Fault `machine.no-image` without a static busybox
 */
export const namespaceMachines = async (options: NamespaceMachinesOptions): Promise<NamespaceMachines> => {
  const root = process.getuid?.() === 0
  const dataDir = join(options.dataDir, 'namespace')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const toolbox = await buildToolbox(join(options.dataDir, 'toolbox'))
  const tree = join(dataDir, 'busybox-1')
  await makeBusyboxTree(tree)
  if (toolbox.missing.includes('setpriv'))
    throw new Fault('machine.unavailable', 'setpriv is not installed', { next: 'Install util-linux, or Docker.' })
  const disks = await canMakeDisks(dataDir)
  const above = `${options.parentCgroup ?? DEFAULT_PARENT}/${options.provider}`
  /** Removed when they become empty; a parent that was given has a weight of its own, and stays. */
  const parents = options.parentCgroup === undefined ? [above, DEFAULT_PARENT] : [above]
  const cgroupOf = (leaseId: string) => `${above}/${leaseId}`
  const folderOf = (leaseId: string) => leaseFolder(dataDir, leaseId)
  const turn = inTurn()
  const usage = processUsage()

  const stands = (record: NamespaceRecord): boolean => lives(record.first.pid, record.first.startTicks)
  const standing = (leaseId: string): NamespaceRecord => {
    const record = readRecord(folderOf(leaseId))
    if (record === undefined || !stands(record)) throw gone(leaseId)
    return record
  }
  const frozen = (leaseId: string, record: NamespaceRecord) =>
    (root ? isFrozen(cgroupOf(leaseId)) : undefined) ?? readProcess(record.first.pid)?.state === 'T'

  /** The first free one from a place that the lease id gives, so that leases do not share a user. */
  const freeUid = (leaseId: string): number => {
    const used = new Set(leaseFolders(dataDir).map((one) => readRecord(folderOf(one))?.uid))
    const from = createHash('sha256').update(`${options.provider} ${leaseId}`).digest().readUInt16LE(0)
    for (let step = 0; step < UIDS; step += 1) {
      const uid = FIRST_UID + ((from + step) % UIDS)
      if (!used.has(uid)) return uid
    }
    throw new Fault('machine.no-room', 'all users for machines are taken', { culprit: 'provider' })
  }

  const start = async (spec: MachineSpec, uid: number | undefined) => {
    const folder = folderOf(spec.leaseId)
    const disk = diskFolder(folder)
    await mkdir(disk, { recursive: true })
    // Seen by the lease's user through the private mount only: the folders above stay closed.
    chmodSync(disk, 0o755)
    if (disks) await makeDisk(folder, spec.resources.diskBytes, uid ?? 0)
    const cgroup = root ? makeCgroup(cgroupOf(spec.leaseId), spec.resources) : undefined
    const started = await startNamespaces({
      folder,
      leaseId: spec.leaseId,
      tree,
      toolbox: toolbox.folder,
      disk,
      memoryDisk: disks ? 0 : spec.resources.diskBytes,
      uid,
      cgroupProcs: cgroup?.procs ?? [],
      cgroupViews: cgroup?.views ?? [],
    })
    const { pid, startTicks } = started.first
    const record: NamespaceRecord = {
      version: 1,
      image: spec.image,
      ...(uid === undefined ? {} : { uid }),
      outer: { pid: started.outer.pid, startTicks: started.outer.startTicks },
      first: { pid, startTicks },
    }
    await writeRecord(folder, record)
    started.exited.then(
      async (exitCode) => {
        const now = readRecord(folder)
        if (now?.first.pid === pid && now.first.startTicks === startTicks)
          await writeRecord(folder, { ...now, exitCode })
      },
      () => {},
    )
  }

  const destroy = async (leaseId: string) => {
    const folder = folderOf(leaseId)
    if (!existsSync(folder)) return
    const record = readRecord(folder)
    await rm(join(folder, 'machine.json'), { force: true })
    const ended = await until(KILL_LIMIT_MS, () => {
      // With its first process, all of a pid namespace ends.
      const inside = record !== undefined && stands(record) ? processesIn(record.first.pid) : []
      const all = [...inside, ...processesMarkedBy(folder)].filter((one) => lives(one.pid, one.startTicks))
      for (const one of all) signal(one.pid, 'SIGKILL')
      if (root) setFrozen(cgroupOf(leaseId), false).catch(() => {})
      return all.length === 0
    })
    if ((root && !(await removeCgroup(cgroupOf(leaseId)))) || !ended)
      throw new Fault('machine.refused', `processes of lease ${leaseId} do not end`, {
        culprit: 'provider',
        next: 'See what they wait for; removing is tried again at the next start.',
      })
    if (root) for (const parent of parents) removeEmptyCgroup(parent)
    if (disks) await removeDisk(folder)
    await rm(folder, { recursive: true, force: true })
  }

  const create = async (spec: MachineSpec) => {
    const record = readRecord(folderOf(spec.leaseId))
    if (record !== undefined && stands(record)) return
    if (spec.image !== BUSYBOX_IMAGE)
      throw new Fault('machine.no-image', `image ${spec.image} needs Docker; here is only ${BUSYBOX_IMAGE}`, {
        culprit: 'provider',
        next: `Agree on ${BUSYBOX_IMAGE}, or choose a provider with Docker.`,
      })
    if (spec.network !== 'none')
      throw new Fault('machine.no-network', 'machines of namespaces have no network but their own loopback', {
        culprit: 'provider',
        next: 'Agree on no network, or choose a provider with Docker.',
      })
    try {
      await start(spec, root ? (record?.uid ?? freeUid(spec.leaseId)) : undefined)
    } catch (error) {
      await destroy(spec.leaseId).catch(() => {})
      throw error
    }
  }

  /** Killed while they stand still, so that none makes another; the first one only collects them. */
  const seal = async (leaseId: string) => {
    const record = standing(leaseId)
    if (root) limitCpu(cgroupOf(leaseId), SEALED_CPU_MILLIS)
    await setFreeze(leaseId, true)
    for (const one of processesIn(record.first.pid)) if (one.pid !== record.first.pid) signal(one.pid, 'SIGKILL')
    await setFreeze(leaseId, false)
    if (!disks || (await sealDisk(folderOf(leaseId)))) return
    throw new Fault('machine.refused', `the disk of lease ${leaseId} stays writable`, { culprit: 'provider' })
  }

  /** Where there is no cgroup: stops each process, again until none is left that was just being made. */
  const signalEach = (record: NamespaceRecord, freeze: boolean) =>
    until(FREEZE_LIMIT_MS, () => {
      const all = processesIn(record.first.pid).filter((one) => (one.state === 'T') !== freeze && one.state !== 'Z')
      for (const one of all) signal(one.pid, freeze ? 'SIGSTOP' : 'SIGCONT')
      return all.length === 0
    })

  const setFreeze = async (leaseId: string, freeze: boolean) => {
    const record = standing(leaseId)
    if (frozen(leaseId, record) === freeze) return
    const byCgroup = root && isFrozen(cgroupOf(leaseId)) !== undefined
    if (await (byCgroup ? setFrozen(cgroupOf(leaseId), freeze) : signalEach(record, freeze))) return
    throw new Fault('machine.refused', `the kernel did not ${freeze ? 'freeze' : 'thaw'} lease ${leaseId}`, {
      culprit: 'provider',
      next: 'It may be starved of CPU: try again.',
    })
  }

  /** Programs that were ended for want of memory; the machine stood on after as many as were counted last. */
  const outlived = new Map<string, bigint>()
  const killsIn = (leaseId: string): bigint =>
    (root ? cgroupProcs(cgroupOf(leaseId)) : [])
      .map((file) => join(file, '..'))
      .reduce((sum, folder) => sum + oomKills({ version: 1, folder }) + oomKills({ version: 2, folder }), 0n)

  const counters = async (leaseId: string): Promise<MachineCounters> => {
    const folder = folderOf(leaseId)
    const record = readRecord(folder)
    if (record === undefined) throw gone(leaseId)
    const before = readCumulative(folder)
    if (!stands(record)) return before === undefined ? ZERO_COUNTERS : totalOf(before)
    const { pid, startTicks } = record.first
    outlived.set(leaseId, killsIn(leaseId))
    const kernel = root && cgroupProcs(cgroupOf(leaseId)).length > 0
    const network = networkOf(pid)
    const sample = {
      ioReadBytes: 0n,
      ioWriteBytes: 0n,
      ...(kernel ? readCounters(cgroupsOf(pid)) : usage(pid)),
      diskBytes: await usedBytes(disks ? diskFolder(folder) : `/proc/${pid}/root/root`),
      netRxBytes: network.rxBytes,
      netTxBytes: network.txBytes,
    }
    return countIn(folder, `${pid} ${startTicks}`, sample)
  }

  /** Asked of the kernel with a cgroup that is never used. */
  const findUnheld = async (): Promise<UnheldLimit[]> => {
    const name = cgroupOf(`limits-${process.pid}`)
    const cgroup = root ? makeCgroup(name, { cpuMillis: 100, memoryBytes: 1 << 24, diskBytes: 0, pids: 8 }) : undefined
    if (root) {
      await removeCgroup(name)
      for (const parent of parents) removeEmptyCgroup(parent)
    }
    const why = root ? 'no cgroup of this host takes it' : 'an ordinary user has no cgroups'
    const missing = (['cpu', 'memory', 'pids'] as const).filter((one) => !cgroup?.limits.has(one))
    return missing.map((limit) => ({ limit, why }))
  }

  const running = (leaseId: string): NamespaceRecord => {
    const record = standing(leaseId)
    if (frozen(leaseId, record)) throw isFrozenFault(leaseId)
    return record
  }
  const exec: Machines['exec'] = async (leaseId, spec) => {
    const { first, uid } = running(leaseId)
    const procs = root ? cgroupProcs(cgroupOf(leaseId)) : []
    const busybox = join(toolbox.folder, 'busybox')
    return namespaceExec({ pid: first.pid, uid, cgroupProcs: procs, busybox }, spec)
  }
  const forwarders = openForwarders({ toolbox, standing: async (leaseId) => running(leaseId), exec })

  return {
    driver: 'namespace',
    isolation: 'namespace',
    unheld: await findUnheld(),
    images: async () => [BUSYBOX_IMAGE],
    create: (spec) => turn(spec.leaseId, () => create(spec)),
    inspect: async (leaseId): Promise<MachineState> => {
      const record = readRecord(folderOf(leaseId))
      if (record === undefined) return { status: 'absent' }
      if (stands(record)) return { status: frozen(leaseId, record) ? 'frozen' : 'running', pid: record.first.pid }
      const oomKilled = killsIn(leaseId) > (outlived.get(leaseId) ?? 0n)
      return { status: 'exited', exitCode: record.exitCode ?? 137, oomKilled }
    },
    exec,
    connect: forwarders.connect,
    listen: forwarders.listen,
    freeze: (leaseId) => turn(leaseId, () => setFreeze(leaseId, true)),
    thaw: (leaseId) => turn(leaseId, () => setFreeze(leaseId, false)),
    seal: (leaseId) => turn(leaseId, () => seal(leaseId)),
    shrink: async (leaseId, cpuMillis) => {
      if (root) limitCpu(cgroupOf(leaseId), cpuMillis)
    },
    counters: (leaseId) => turn(`${leaseId} counters`, () => counters(leaseId)),
    remove: (leaseId) =>
      turn(leaseId, async () => {
        await forwarders.end(leaseId)
        outlived.delete(leaseId)
        await destroy(leaseId)
      }),
    list: async () => leaseFolders(dataDir),
    close: forwarders.close,
  }
}
